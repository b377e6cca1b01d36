using System.Text.Json;
using Factory.Core.Safetensors;
using Factory.Trainer.Import;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Import;

/// <summary>Imported models give the numbers that other software computed from the same files.</summary>
public sealed class GoldenImportTests
{
    [Theory]
    [MemberData(nameof(HfFolders.Decoders), MemberType = typeof(HfFolders))]
    public void Logits_of_imported_hugging_face_models_are_within_1e_minus_4_of_transformers(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var runs = new TemporaryFolder();
        string folder = GoldenData.At("hf_golden", name);
        using HuggingFaceFolder source = HuggingFaceFolder.Open(folder);
        using LlamaModel model = Imported.Model(runs, source);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json")));
        long[][] rows = golden.RootElement.GetProperty("input_ids").Deserialize<long[][]>()!;
        long[] positions = golden.RootElement.GetProperty("positions").Deserialize<long[]>()!;
        float[][][] expected = golden.RootElement.GetProperty("logits").Deserialize<float[][][]>()!;
        for (int row = 0; row < rows.Length; row++)
        {
            Tensor logits = model.forward(tensor(rows[row], [1, rows[row].Length]))[0];
            for (int i = 0; i < positions.Length; i++)
            {
                Assert.InRange((logits[positions[i]] - tensor(expected[row][i])).abs().max().item<float>(), 0, 1e-4f);
            }
        }
    }

    [Theory]
    [MemberData(nameof(MethodFolders.All), MemberType = typeof(MethodFolders))]
    public void A_folder_with_norm_scheme_holds_unfolded_weights_of_that_method(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var runs = new TemporaryFolder();
        string folder = GoldenData.At("method_golden", name);
        using HuggingFaceFolder source = HuggingFaceFolder.Open(folder);
        using LlamaModel model = Imported.Model(runs, source, ScalarType.Float64);
        Assert.Equal(name, model.Architecture.NormScheme.Name);
        using SafetensorsReader golden = SafetensorsReader.Open(Path.Combine(folder, "expected.safetensors"));
        Tensor ids = from_array(golden.Read<long>("input_ids", ElementType.Int64)).reshape([.. golden.Entry("input_ids").Shape]);
        Tensor difference = model.forward(ids) - WeightFile.Read(golden, "logits");
        Assert.InRange(difference.abs().max().item<double>(), 0, 1e-9);
    }
}
