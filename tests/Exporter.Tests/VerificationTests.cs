using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Onnx;
using Google.Protobuf;

namespace Factory.Exporter.Tests;

/// <summary>What must not pass as a bundle.</summary>
public sealed class VerificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Gains_that_lose_their_scale_later_fail_even_with_right_hashes()
    {
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny);
        string bundle = TestBundle.Export(_folder, checkpoint);
        NormPlan deepest = checkpoint.Architecture.Blocks[^1].FeedForward.Input!;
        TensorProto gain = ReadGraph(bundle).Graph.Initializer.Single(tensor => tensor.Name == deepest.Gain);
        long offset = long.Parse(gain.ExternalData.Single(entry => entry.Key == "offset").Value, System.Globalization.CultureInfo.InvariantCulture);
        string data = Path.Combine(bundle, BundleFolder.WeightsFile);
        byte[] bytes = File.ReadAllBytes(data);
        Span<float> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan((int)offset, TestModel.Tiny.HiddenSize * sizeof(float)));
        foreach (ref float value in values)
        {
            value /= (float)deepest.Scale;
        }
        File.WriteAllBytes(data, bytes);
        RewriteManifest(bundle);
        Assert.Contains("expected logits within", Refusal(bundle), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BundleFolder.GraphFile)]
    [InlineData(BundleFolder.WeightsFile)]
    [InlineData("config.json")]
    [InlineData("probe.safetensors")]
    public void A_changed_a_shortened_and_a_missing_file_are_refused_by_name(string name)
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        string path = Path.Combine(bundle, name);
        byte[] bytes = File.ReadAllBytes(path);

        byte[] changed = [.. bytes];
        changed[^1] ^= 1;
        File.WriteAllBytes(path, changed);
        Assert.Contains($"{path}: expected SHA-256", Refusal(bundle), StringComparison.Ordinal);

        File.WriteAllBytes(path, bytes[..^1]);
        Assert.Contains($"{path}: expected {bytes.Length} bytes", Refusal(bundle), StringComparison.Ordinal);

        File.Delete(path);
        Assert.Contains($"{path}: expected a file", Refusal(bundle), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_the_manifest_does_not_list_cannot_slip_in()
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        File.WriteAllText(Path.Combine(bundle, "tokenizer.model"), "not listed");
        Assert.Contains("tokenizer.model", Refusal(bundle), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_format_version_and_another_kind_of_directory_are_refused()
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        string manifest = Path.Combine(bundle, Manifest.FileName);
        string text = File.ReadAllText(manifest);
        File.WriteAllText(manifest, text.Replace("\"format_version\": 1", "\"format_version\": 2", StringComparison.Ordinal));
        Assert.Contains("expected format version 1, found 2", Refusal(bundle), StringComparison.Ordinal);

        string checkpoint = TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At("checkpoint"));
        Assert.Contains("expected a bundle, found a checkpoint", Refusal(checkpoint), StringComparison.Ordinal);
        Assert.Contains("no such directory", Refusal(_folder.At("nowhere")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("/etc/passwd")]
    public void Weights_that_lie_outside_the_bundle_are_refused(string location)
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        File.Copy(Path.Combine(bundle, BundleFolder.WeightsFile), _folder.At("secret"));
        ModelProto graph = ReadGraph(bundle);
        foreach (StringStringEntryProto entry in graph.Graph.Initializer.SelectMany(tensor => tensor.ExternalData).Where(entry => entry.Key == "location"))
        {
            entry.Value = location;
        }
        File.WriteAllBytes(Path.Combine(bundle, BundleFolder.GraphFile), graph.ToByteArray());
        RewriteManifest(bundle);
        Assert.Contains("expected a graph that ONNX Runtime runs", Refusal(bundle), StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_is_no_ONNX_model_is_refused()
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        File.WriteAllText(Path.Combine(bundle, BundleFolder.GraphFile), "not a protobuf message");
        RewriteManifest(bundle);
        Assert.Contains("expected a graph that ONNX Runtime runs", Refusal(bundle), StringComparison.Ordinal);
        Assert.Contains("expected an ONNX model", Assert.Throws<UserError>(() => GraphSummary.Read(bundle)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Refusal(string bundle)
    {
        string message = Assert.ThrowsAny<UserError>(() => BundleVerification.Verify(bundle, bundle)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static ModelProto ReadGraph(string bundle) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(bundle, BundleFolder.GraphFile)));

    private static void RewriteManifest(string bundle)
    {
        string path = Path.Combine(bundle, Manifest.FileName);
        SortedDictionary<string, string> facts = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("facts").EnumerateObject()
            .Aggregate(new SortedDictionary<string, string>(), (all, fact) => { all.Add(fact.Name, fact.Value.GetString()!); return all; });
        File.Delete(path);
        Manifest.Write(bundle, BundleFolder.Kind, facts);
    }
}
