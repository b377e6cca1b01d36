using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;
using Factory.Trainer.Import;

namespace Factory.Trainer.Tests.Import;

/// <summary>What published files of BERTs hold that today's transformers does not write.</summary>
public sealed class BertFolderTests : IDisposable
{
    private const string Weights = "model.safetensors";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert_qa")]
    [InlineData("bert_mlm")]
    public void Old_names_of_norms_and_parts_that_nothing_reads_change_nothing(string name)
    {
        string source = GoldenData.At("hf_golden", name);
        using BertFolder today = BertFolder.Open(source);
        using BertFolder old = BertFolder.Open(Write(source, stored => stored.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal),
            ("bert.pooler.dense.weight", [2, 2], [1, 2, 3, 4]), ("bert.pooler.dense.bias", [2], [1, 2]), ("bert.embeddings.position_ids", [1, 3], [0, 1, 2])));
        AssertEqual(today, old);
    }

    [Fact]
    public void A_head_stored_beside_the_embedding_it_is_tied_to_is_a_copy_or_refused()
    {
        string source = GoldenData.At("hf_golden", "bert_mlm");
        using var reader = SafetensorsReader.Open(Path.Combine(source, Weights));
        const string embedding = "bert.embeddings.word_embeddings.weight", bias = "cls.predictions.bias";
        float[] values = reader.ReadSingles(embedding);
        long[] shape = [.. reader.Entry(embedding).Shape];
        using BertFolder today = BertFolder.Open(source);
        using (BertFolder copied = BertFolder.Open(Write(source, stored => stored,
            (BertNames.TiedHead, shape, values), (BertNames.TiedHeadBias, [.. reader.Entry(bias).Shape], reader.ReadSingles(bias)), ("cls.seq_relationship.bias", [2], [1, 2]))))
        {
            AssertEqual(today, copied);
        }

        values[^1] += 1;
        string differing = Write(source, stored => stored, (BertNames.TiedHead, shape, values));
        UserError error = Assert.ThrowsAny<UserError>(() => BertFolder.Open(differing));
        Assert.Contains(BertNames.TiedHead, error.Message, StringComparison.Ordinal);
    }

    private static void AssertEqual(BertFolder expected, BertFolder found)
    {
        Assert.NotEmpty(expected.Parameters);
        foreach (ParameterSpec parameter in expected.Parameters)
        {
            Assert.Equal(Values(expected, parameter), Values(found, parameter));
        }
    }

    private static float[] Values(BertFolder folder, ParameterSpec parameter)
    {
        var values = new float[parameter.Count];
        folder.Read(parameter, firstRow: 0, values);
        return values;
    }

    /// <summary>The golden folder with its tensors under other names, and more of them.</summary>
    private string Write(string source, Func<string, string> rename, params (string Name, long[] Shape, float[] Values)[] more)
    {
        string path = Directory.CreateDirectory(_folder.At(Path.GetRandomFileName())).FullName;
        File.Copy(Path.Combine(source, ConfigJson.FileName), Path.Combine(path, ConfigJson.FileName));
        using var reader = SafetensorsReader.Open(Path.Combine(source, Weights));
        using var writer = new SafetensorsWriter(Path.Combine(path, Weights));
        (string Name, IReadOnlyList<long> Shape, float[] Values)[] tensors =
            [.. reader.Entries.Select(entry => (rename(entry.Name), entry.Shape, reader.ReadSingles(entry.Name))), .. more.Select(item => (item.Name, (IReadOnlyList<long>)item.Shape, item.Values))];
        foreach ((string name, IReadOnlyList<long> shape, _) in tensors)
        {
            writer.Declare(name, ElementType.Float32, shape);
        }
        foreach ((string name, _, float[] values) in tensors)
        {
            writer.Write<float>(name, values);
        }
        writer.Finish();
        return path;
    }
}
