using System.CommandLine;
using Factory.CommandLine;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Runtime;

namespace Factory.Exporter.Commands;

/// <summary>The program itself, without a verb: checkpoint to bundle.</summary>
public static class ExportCommand
{
    private static readonly Option<string?> Checkpoint = new("--checkpoint")
    {
        Description = "A run (its last checkpoint) or a checkpoint directory. [default: the run that runs/latest names]",
    };

    private static readonly Option<string?> Output = new("--output")
    {
        Description = "Where the bundle goes; an older bundle there is replaced. [default: models/NAME, NAME being the run's]",
    };

    private static readonly Option<string> PrecisionName = new("--precision")
    {
        Description = $"Element type of weights and computation: {string.Join(", ", Precision.All.Select(precision => precision.Name))}.",
        DefaultValueFactory = _ => Precision.All[0].Name,
    };

    public static RootCommand Create()
    {
        var command = new RootCommand("Writes a trained checkpoint as an ONNX bundle, the norm scheme's scale folded into the weights, and verifies it.") { Checkpoint, Output, PrecisionName };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        Precision precision = Precision.Named(parsed.GetValue(PrecisionName)!, "--precision");
        string chosen = parsed.GetValue(Checkpoint)
            ?? LatestName.Read("runs", "Train a model with 'dotnet run -c Release --project Trainer -- pretrain', or name a checkpoint with --checkpoint.");
        string directory = CheckpointFolder.Resolve(chosen);
        string output = parsed.GetValue(Output) ?? Path.Combine("models", BundleName.Of(chosen, directory));

        using CheckpointSource source = CheckpointSource.Open(directory);
        int blocks = source.Architecture.BlockCount;
        ProbeReport report = await ProgressBar.RunAsync($"Exporting {directory}", blocks, "blocks", bar => Task.Run(
            () => BundleWriter.Write(source, output, precision, done => bar.Report(done, done == blocks ? "verifying" : ""), ct), ct));
        LatestName.Write(output, Console.Error.WriteLine);
        Console.WriteLine($"Verified: {report}.");
        Console.WriteLine($"Bundle: {output}. Serve it: dotnet run -c Release --project InferenceApi -- --model {ShellWord.Quote(output)}");
        return 0;
    }
}
