using Factory.Core.Safetensors;

namespace Factory.Core.Tests.Safetensors;

public class SafetensorsRefusalTests
{
    [Theory]
    [InlineData("overlap", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlap")]
    [InlineData("gap", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "gap")]
    [InlineData("gap at the start", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap")]
    [InlineData("out of range", """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 12, "before the end of the file")]
    [InlineData("trailing bytes", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "1 bytes more")]
    [InlineData("no tensors but data", """{}""", 1, "1 bytes more")]
    [InlineData("duplicate name", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "distinct names")]
    [InlineData("negative size", """{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", 4, "non-negative sizes for tensor 'a'")]
    [InlineData("overflowing shape", """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "below 2^63 bytes for tensor 'a'")]
    [InlineData("size beyond 64 bits", """{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "something else")]
    [InlineData("fractional size", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "something else")]
    [InlineData("shape and offsets disagree", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "8 bytes for tensor 'a'")]
    [InlineData("end before begin", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "data_offsets [begin, end] for tensor 'a'")]
    [InlineData("negative offset", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "data_offsets [begin, end] for tensor 'a'")]
    [InlineData("three offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "data_offsets [begin, end] for tensor 'a'")]
    [InlineData("unknown type", """{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "'F8_E4M3'")]
    [InlineData("no type", """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "a dtype among")]
    [InlineData("no shape", """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "a shape of non-negative sizes")]
    [InlineData("unknown field", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":1}}""", 4, "'stride'")]
    [InlineData("not JSON", """{"a":""", 0, "something else")]
    [InlineData("an array", """[]""", 0, "a JSON object as header")]
    [InlineData("tensor is no object", """{"a":3}""", 0, "something else")]
    [InlineData("metadata is no object", """{"__metadata__":[]}""", 0, "something else")]
    [InlineData("null header", "null", 0, "a JSON object as header")]
    public void A_malformed_header_is_refused(string kind, string header, int dataBytes, string expected)
    {
        using var folder = new TemporaryFolder();
        AssertRefused(HandMadeFile.Write(folder.At("bad.safetensors"), header, dataBytes), expected, kind);
    }

    [Theory]
    [InlineData(long.MaxValue, "at most 100000000 bytes")]
    [InlineData(-1, "at most 100000000 bytes")]
    [InlineData(50_000_000, "truncated")]
    public void A_huge_header_length_is_refused_before_anything_is_allocated(long length, string expected)
    {
        using var folder = new TemporaryFolder();
        AssertRefused(HandMadeFile.Write(folder.At("bad.safetensors"), "{}", 0, length), expected, "length");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_shorter_than_its_prefix_is_refused(int bytes)
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("short.safetensors");
        File.WriteAllBytes(path, new byte[bytes]);
        AssertRefused(path, "8 bytes of header length", "short");
    }

    [Fact]
    public void A_published_file_cut_short_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(GoldenData.At("hf_golden", "llama_mha_untied", "model.safetensors"));
        foreach (int length in new[] { 100, whole.Length / 2, whole.Length - 1 })
        {
            string path = folder.At($"cut-{length}.safetensors");
            File.WriteAllBytes(path, whole[..length]);
            AssertRefused(path, "truncated", "cut");
        }
    }

    [Fact]
    public void A_missing_file_and_a_missing_tensor_are_named()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(folder.At("none.safetensors"), "a safetensors file, found no such file", "missing");
        using SafetensorsReader reader = SafetensorsReader.Open(HandMadeFile.Write(folder.At("empty.safetensors"), "{}", 0));
        Assert.Contains("'w'", Assert.Throws<UserError>(() => reader.Entry("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_another_type_than_asked_for_is_refused()
    {
        using var folder = new TemporaryFolder();
        using SafetensorsReader reader = SafetensorsReader.Open(
            HandMadeFile.Write(folder.At("a.safetensors"), """{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", 4));
        Assert.Contains("I32", Assert.Throws<UserError>(() => reader.ReadSingles("a")).Message, StringComparison.Ordinal);
        Assert.Contains("I64", Assert.Throws<UserError>(() => reader.Read<long>("a", ElementType.Int64)).Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string path, string expected, string kind)
    {
        UserError error = Assert.Throws<UserError>(() => SafetensorsReader.Open(path));
        Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), $"{kind}: {error.Message}");
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
