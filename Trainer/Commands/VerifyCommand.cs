using System.CommandLine;
using System.Text.Json;
using Factory.CommandLine;
using Factory.Core;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Training;
using Factory.Trainer.Verification;
using static TorchSharp.torch;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer verify</c>: whether this program, with this libtorch on this device, computes what another implementation computed.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Option<string[]> reference = new("--reference")
        {
            Description = "Folder with config.json, model.safetensors and expected.safetensors (logits, loss, gradients, variances), or with log.json and tensors.safetensors "
                + "(some steps of training); or a folder that holds such folders. Several may be given.",
            HelpName = "DIR",
            Required = true,
        };
        Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        Option<string> type = new("--dtype") { Description = "float64 or float32.", DefaultValueFactory = _ => "float64" };
        Option<string> kernels = new("--kernels") { Description = $"{string.Join(", ", KernelSet.All.Keys)}; all but the first with --dtype float32 on a CPU.", DefaultValueFactory = _ => KernelSet.Plain.Name };
        Option<double?> tolerance = new("--tolerance") { Description = "Largest difference that passes, in float32 relative to numbers above 1. [default: 1e-9 in float64, 1e-3 in float32]", HelpName = "N" };
        Option<bool> json = new("--json") { Description = "Print one JSON object a folder, with every difference." };
        var command = new Command("verify", "Compare logits, loss, gradients and training steps with a reference of another implementation; exit code 1 where they differ.")
        {
            reference, device, type, kernels, tolerance, json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(reference), parsed.GetRequiredValue(device), Type(parsed.GetRequiredValue(type)), parsed.GetRequiredValue(kernels), parsed.GetValue(tolerance), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] references, string device, ScalarType type, string kernels, double? asked, bool json, CancellationToken cancellationToken)
    {
        double tolerance = asked ?? (type == ScalarType.Float64 ? 1e-9 : 1e-3);
        if (!(tolerance >= 0))
        {
            throw new SettingError("tolerance", FormattableString.Invariant($"expected a number from 0 up, found {tolerance}."));
        }
        DeviceChoice choice = ComputeDevice.Choose(device, threads: 0);
        var placement = new ModelPlacement(choice.Device, type, type) { Kernels = KernelSet.Named(kernels) };
        if (placement.Kernels.Fused && !placement.IsFused)
        {
            throw new SettingError("kernels", $"'{kernels}' computes in float32 on a CPU, found {(type == ScalarType.Float64 ? "float64" : "another device")}. Add --dtype float32 --device cpu.");
        }
        string[] folders = [.. references.SelectMany(ReferenceFolders.In)];
        Console.Error.WriteLine($"{choice.Reason}; {(type == ScalarType.Float64 ? "float64" : "float32")}, kernels {placement.Kernels.Name}");
        var reports = new List<ReferenceReport>();
        await ProgressBar.RunAsync("verifying", folders.Length, "folders", bar => Task.Run(() =>
        {
            foreach (string folder in folders)
            {
                cancellationToken.ThrowIfCancellationRequested();
                reports.Add(ReferenceFolders.Verify(folder, placement));
                bar.Report(reports.Count);
            }
            return true;
        }, cancellationToken)).ConfigureAwait(false);
        foreach (ReferenceReport report in reports)
        {
            Console.WriteLine(json ? Json(report, tolerance) : Line(report, tolerance));
        }
        return Conclude(reports, tolerance);
    }

    private static int Conclude(List<ReferenceReport> reports, double tolerance)
    {
        int off = reports.Count(report => !report.IsWithin(tolerance));
        Console.Error.WriteLine(off == 0
            ? FormattableString.Invariant($"All {reports.Count} references agree within {tolerance:0e+0}.")
            : FormattableString.Invariant($"{off} of {reports.Count} references differ by more than {tolerance:0e+0}: this libtorch or device does not compute what they say, or the reference is another model's. ")
                + "Run again with --json to see every difference, or with --device cpu to compare.");
        return off == 0 ? 0 : 1;
    }

    private static string Line(ReferenceReport report, double tolerance) => FormattableString.Invariant(
        $"{(report.IsWithin(tolerance) ? "ok  " : "OFF ")} {report.Folder}  {report.Method}  largest difference {report.Largest.Value:0.0e+0} ({report.Largest.Key}), {report.Differences.Count} compared");

    private static string Json(ReferenceReport report, double tolerance) => JsonSerializer.Serialize(new SortedDictionary<string, object?>
    {
        ["reference"] = report.Folder,
        ["norm_scheme"] = report.Method,
        ["tolerance"] = tolerance,
        ["passed"] = report.IsWithin(tolerance),
        ["largest_difference"] = Number(report.Largest.Value),
        ["largest"] = report.Largest.Key,
        ["differences"] = report.Differences.ToDictionary(difference => difference.Key, difference => Number(difference.Value)),
    });

    /// <summary>null for what JSON has no number for.</summary>
    private static double? Number(double value) => double.IsFinite(value) ? value : null;

    private static ScalarType Type(string name) => name switch
    {
        "float64" => ScalarType.Float64,
        "float32" => ScalarType.Float32,
        _ => throw new SettingError("dtype", $"expected float64 or float32, found '{name}'."),
    };
}
