using System.Runtime.InteropServices;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Trainer.Import;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Import;

public sealed class Llama2cFileTests : IDisposable
{
    // dim 8, hidden 3, 2 blocks, 2 heads of 4, 1 key/value head, 5 tokens, 6 positions
    private static readonly int[] Header = [8, 3, 2, 2, 1, -5, 6];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_tensor_is_found_in_its_place()
    {
        using Llama2cFile file = Llama2cFile.Open(Write(Header, Count(shared: false)));
        // Each kind holds all blocks; the numbers in the file count up from zero.
        Assert.Equal([0, 1, 2], Read(file, ParameterCatalog.Embedding)[..3]);
        Assert.Equal(40, Read(file, "model.layers.0.input_layernorm.weight")[0]);
        Assert.Equal(48, Read(file, "model.layers.1.input_layernorm.weight")[0]);
        int q = 56;
        int k = q + (2 * 64);
        int v = k + (2 * 32);
        int o = v + (2 * 32);
        int norms = o + (2 * 64);
        int gate = norms + 16;
        Assert.Equal(q, Read(file, "model.layers.0.self_attn.q_proj.weight")[0]);
        Assert.Equal(k, Read(file, "model.layers.0.self_attn.k_proj.weight")[0]);
        Assert.Equal(v + 32, Read(file, "model.layers.1.self_attn.v_proj.weight")[0]);
        Assert.Equal(o, Read(file, "model.layers.0.self_attn.o_proj.weight")[0]);
        Assert.Equal(norms + 8, Read(file, "model.layers.1.post_attention_layernorm.weight")[0]);
        Assert.Equal(gate, Read(file, "model.layers.0.mlp.gate_proj.weight")[0]);
        Assert.Equal(gate + 48, Read(file, "model.layers.0.mlp.down_proj.weight")[0]);
        Assert.Equal(gate + 96, Read(file, "model.layers.0.mlp.up_proj.weight")[0]);
        Assert.Equal(gate + 144, Read(file, ParameterCatalog.FinalNorm)[0]);
        Assert.Equal(gate + 144 + 8 + 24, Read(file, ParameterCatalog.Head)[0]);
    }

    [Fact]
    public void Rows_of_q_and_k_move_from_adjacent_pairs_to_halves()
    {
        using Llama2cFile file = Llama2cFile.Open(Write(Header, Count(shared: false)));
        Assert.Equal([0, 2, 1, 3, 4, 6, 5, 7], FirstOfRows(file, "model.layers.0.self_attn.q_proj.weight"));
        Assert.Equal([0, 2, 1, 3], FirstOfRows(file, "model.layers.1.self_attn.k_proj.weight"));
        Assert.Equal([0, 1, 2, 3], FirstOfRows(file, "model.layers.0.self_attn.v_proj.weight"));
    }

    [Fact]
    public void A_positive_vocabulary_shares_the_embedding_with_the_head()
    {
        int[] header = [.. Header];
        header[5] = 5;
        using Llama2cFile file = Llama2cFile.Open(Write(header, Count(shared: true)));
        Assert.True(file.Architecture.TieEmbeddings);
        Assert.Equal(1e-5, file.Architecture.RmsNormEpsilon);
        Assert.DoesNotContain(file.Architecture.Parameters, parameter => parameter.Role == ParameterRole.Head);
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(4)]
    public void A_file_of_another_length_is_refused_with_both_lengths(int change)
    {
        string path = Write(Header, Count(shared: false));
        long right = new FileInfo(path).Length;
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(right + change);
        }
        Assert.Contains($"expected {right} bytes for the sizes in its header, found {right + change}", Refused(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_1_file_is_refused_by_version()
    {
        string path = Write([0x616B3432, 1, 8, 3, 2, 2, 1], 100);
        Assert.Contains("found version 1", Refused(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, -3)]
    [InlineData(2, int.MaxValue)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(5, 0)]
    [InlineData(6, 0)]
    public void Sizes_that_make_no_model_are_refused_with_the_path(int index, int value)
    {
        int[] header = [.. Header];
        header[index] = value;
        string path = Write(header, 100);
        Assert.StartsWith(path, Refused(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_shorter_than_its_header_or_missing_is_refused()
    {
        Assert.Contains("28 bytes of sizes", Refused(Write([1, 2], 0)), StringComparison.Ordinal);
        Assert.StartsWith(_folder.At("nothing.bin"), Refused(_folder.At("nothing.bin")), StringComparison.Ordinal);
    }

    [Fact]
    public void Stories260K_tells_its_story_word_for_word()
    {
        using var noGradient = no_grad();
        string expected = File.ReadAllText(GoldenData.At("stories260K", "expected_greedy_200steps.txt"));
        string tokenizerFile = _folder.At("tokenizer.model");
        File.WriteAllBytes(tokenizerFile, Llama2cTokenizer.ToSentencePieceModel(GoldenData.At("stories260K", "tok512.bin")));
        using Llama2cFile file = Llama2cFile.Open(GoldenData.At("stories260K", "stories260K.bin"));
        string checkpoint = Imported.Checkpoint(_folder, file, tokenizerFile);
        using LlamaModel model = Tests.Model.TestModels.Load(checkpoint, ScalarType.Float32);
        TextTokenizer tokenizer = TextTokenizer.FindIn(checkpoint)!;

        List<long> ids = [tokenizer.BosTokenId!.Value];
        for (int step = 0; step < 200; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            ids.Add(model.forward(tensor(ids, [1, ids.Count]))[0, -1].argmax().item<long>());
        }
        Assert.Equal(expected, tokenizer.Decode(ids.Select(id => (int)id)));
    }

    /// <summary>Floats behind the header of the small model.</summary>
    private static int Count(bool shared) => 40 + 16 + (2 * 64) + (2 * 32) + (2 * 32) + (2 * 64) + 16 + (3 * 48) + 8 + 24 + (shared ? 0 : 40);

    private string Write(int[] header, int count)
    {
        string path = _folder.At("model.bin");
        float[] values = [.. Enumerable.Range(0, count).Select(i => (float)i)];
        File.WriteAllBytes(path, [.. MemoryMarshal.AsBytes(header.AsSpan()), .. MemoryMarshal.AsBytes(values.AsSpan())]);
        return path;
    }

    private static float[] Read(Llama2cFile file, string name)
    {
        ParameterSpec parameter = file.Architecture.Parameters.Single(parameter => parameter.Name == name);
        var values = new float[parameter.Count];
        file.Read(parameter, 0, values);
        return values;
    }

    /// <summary>Which row of the file each row came from, counted from the tensor's lowest.</summary>
    private static float[] FirstOfRows(Llama2cFile file, string name)
    {
        float[] values = Read(file, name);
        return [.. values.Where((_, i) => i % 8 == 0).Select(value => (value - values.Min()) / 8)];
    }

    private static string Refused(string path) => Assert.Throws<UserError>(() => Llama2cFile.Open(path).Dispose()).Message;
}
