using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Safetensors;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Verification;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Verification;

/// <summary>Every method and ten training steps against an independent float64 implementation, through the code of <c>Trainer verify</c>.</summary>
public sealed class ReferenceTests : IDisposable
{
    private const double Tolerance = 1e-9;

    private static readonly ModelPlacement Exact = ModelPlacement.Cpu(ScalarType.Float64);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Runs => ["lns-paper", "lns-modern", "lns-masked", "post-paper", "post-modern", "layerscale-paper", "layerscale-modern"];

    [Theory]
    [MemberData(nameof(MethodFolders.All), MemberType = typeof(MethodFolders))]
    public void Logits_loss_every_gradient_and_block_variances_agree_to_1e_minus_9(string method)
    {
        ReferenceReport report = ReferenceFolders.Verify(GoldenData.At("method_golden", method), Exact);
        Assert.Equal(method, report.Method);
        Assert.Superset(new HashSet<string> { "logits", "loss", "block_output_variance", "grad.model.embed_tokens.weight", "grad.lm_head.weight" }, report.Differences.Keys.ToHashSet());
        Assert.True(report.IsWithin(Tolerance), $"{report.Largest}");
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Ten_updates_have_the_loss_the_gradient_norm_and_the_weights_of_the_reference(string run)
    {
        ReferenceReport report = ReferenceFolders.Verify(GoldenData.At("method_golden", "training", run), Exact);
        Assert.Superset(new HashSet<string> { "lr", "loss", "grad_norm", "valid_tokens" }, report.Differences.Keys.ToHashSet());
        Assert.Contains(report.Differences.Keys, name => name.StartsWith("final.", StringComparison.Ordinal));
        Assert.True(report.IsWithin(Tolerance), $"{report.Largest}");
    }

    /// <summary>transformers computes rotary angles in float32, which moves a logit by some 1e-6.</summary>
    [Theory]
    [MemberData(nameof(HfFolders.OddShapes), MemberType = typeof(HfFolders))]
    public void Families_of_odd_shapes_have_the_logits_and_gradients_of_transformers(string name)
    {
        ReferenceReport report = ReferenceFolders.Verify(GoldenData.At("hf_families", name), Exact);
        Assert.True(report.IsWithin(1e-5), $"{report.Largest}");
    }

    [Theory]
    [MemberData(nameof(MethodFolders.All), MemberType = typeof(MethodFolders))]
    public void In_float32_the_numbers_stay_near_with_plain_and_with_fused_kernels(string method) => StaysNear("method_golden", method);

    [Theory]
    [MemberData(nameof(HfFolders.OddShapes), MemberType = typeof(HfFolders))]
    public void So_do_those_of_other_families(string name) => StaysNear("hf_families", name);

    [Theory]
    [InlineData("logits")]
    [InlineData("loss")]
    [InlineData("block_output_variance")]
    [InlineData("grad.model.norm.weight")]
    public void A_number_that_is_off_is_found_by_name(string name)
    {
        string folder = Copy("layerscale");
        Change(Path.Combine(folder, "expected.safetensors"), name, values => values[^1] += 1e-6);
        ReferenceReport report = ReferenceFolders.Verify(folder, Exact);
        Assert.False(report.IsWithin(Tolerance));
        Assert.Equal(name, report.Largest.Key);
        Assert.Equal(1e-6, report.Largest.Value, 1e-9);
    }

    [Fact]
    public void A_reference_that_is_not_a_number_never_passes()
    {
        string folder = Copy("pre");
        Change(Path.Combine(folder, "expected.safetensors"), "logits", values => values[0] = double.NaN);
        Assert.False(ReferenceFolders.Verify(folder, Exact).IsWithin(1e9));
    }

    [Fact]
    public void Another_method_than_the_references_is_found()
    {
        string folder = Copy("pre");
        Edit(Path.Combine(folder, "config.json"), config => config["norm_scheme"] = "lns");
        Assert.False(ReferenceFolders.Verify(folder, Exact).IsWithin(1e-3));
    }

    [Fact]
    public void Another_recipe_than_the_references_is_found_in_the_weights()
    {
        string folder = CopyTraining("lns-modern");
        Edit(Path.Combine(folder, "log.json"), log => log["recipe"]!["weight_decay_on_matrices"] = 0.2);
        Assert.StartsWith("final.", ReferenceFolders.Verify(folder, Exact).Differences.Where(pair => pair.Key != "loss" && pair.Key != "grad_norm").MaxBy(pair => pair.Value).Key, StringComparison.Ordinal);
        Assert.False(ReferenceFolders.Verify(folder, Exact).IsWithin(Tolerance));
    }

    [Theory]
    [InlineData("start", "../nowhere/model.safetensors", "nowhere")]
    [InlineData("method", "post", "found post")]
    [InlineData("methud", "lns", "methud")]
    public void A_log_that_does_not_fit_is_refused(string key, string value, string expected)
    {
        string folder = CopyTraining("lns-modern");
        Edit(Path.Combine(folder, "log.json"), log => log[key] = value);
        UserError error = Assert.Throws<UserError>(() => ReferenceFolders.Verify(folder, Exact));
        Assert.Contains("log.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Folders_are_found_below_the_one_that_was_named_and_a_folder_without_any_is_refused()
    {
        Copy("pre");
        Copy("lns");
        Assert.Equal([_folder.At("lns"), _folder.At("pre")], ReferenceFolders.In(_folder.Path));
        Assert.Equal([_folder.At("pre")], ReferenceFolders.In(_folder.At("pre")));
        File.Delete(_folder.At("pre", "expected.safetensors"));
        Assert.Equal("reference", Assert.Throws<SettingError>(() => ReferenceFolders.In(_folder.At("pre"))).Setting);
        Assert.Equal("reference", Assert.Throws<SettingError>(() => ReferenceFolders.In(_folder.At("nowhere"))).Setting);
    }

    public void Dispose() => _folder.Dispose();

    private static void StaysNear(string set, string name)
    {
        LibTorchLibrary.Prepare();
        Assert.All(KernelSet.All.Values.Where(kernels => kernels.IsAvailable), kernels =>
        {
            ReferenceReport report = ReferenceFolders.Verify(GoldenData.At(set, name), ModelPlacement.Cpu() with { Kernels = kernels });
            Assert.True(report.IsWithin(1e-3), $"{kernels.Name}: {report.Largest}");
        });
    }

    private string Copy(string method) => CopyTo(GoldenData.At("method_golden", method), _folder.At(method));

    /// <summary>The run with the model that it started from, laid out as in the reference data.</summary>
    private string CopyTraining(string run)
    {
        Copy(run.Split('-')[0]);
        return CopyTo(GoldenData.At("method_golden", "training", run), _folder.At("training", run));
    }

    private static string CopyTo(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.EnumerateFiles(source))
        {
            File.WriteAllBytes(Path.Combine(target, Path.GetFileName(file)), File.ReadAllBytes(file));
        }
        return target;
    }

    private static void Edit(string file, Action<JsonObject> change)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(json);
        File.WriteAllText(file, json.ToJsonString());
    }

    private static void Change(string file, string name, Action<double[]> change)
    {
        string changed = file + ".changed";
        using (SafetensorsReader reader = SafetensorsReader.Open(file))
        using (var writer = new SafetensorsWriter(changed))
        {
            foreach (TensorEntry entry in reader.Entries)
            {
                writer.Declare(entry.Name, entry.Type, entry.Shape);
            }
            foreach (TensorEntry entry in reader.Entries)
            {
                if (entry.Type == ElementType.Int64)
                {
                    writer.Write<long>(entry.Name, reader.Read<long>(entry.Name, ElementType.Int64));
                    continue;
                }
                double[] values = reader.Read<double>(entry.Name, ElementType.Float64);
                if (entry.Name == name)
                {
                    change(values);
                }
                writer.Write<double>(entry.Name, values);
            }
            writer.Finish();
        }
        File.Move(changed, file, overwrite: true);
    }
}
