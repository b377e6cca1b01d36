using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Exporter.Encoders;
using Factory.Exporter.Precisions;
using Factory.Exporter.Reports;
using Factory.Exporter.Targets;

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
        Description = "Where the folder goes; an older one of the same target there is replaced. [default: models/NAME, NAME being the run's, with -TARGET behind it for other targets than factory]",
    };

    private static readonly Option<string> PrecisionName = new("--precision")
    {
        Description = $"How weights are written: {string.Join("; ", PrecisionCatalog.All.Select(precision => $"{precision.Name}: {precision.Summary}"))}; auto: fp16 where this machine has CUDA, else fp32.",
        DefaultValueFactory = _ => PrecisionCatalog.Default.Name,
    };

    private static readonly Option<string> TargetName = new("--target")
    {
        Description = $"What loads the folder: {string.Join("; ", TargetCatalog.All.Select(target => $"{target.Name}: {target.Summary}"))}.",
        DefaultValueFactory = _ => TargetCatalog.Default.Name,
    };

    private static readonly Option<string[]> Keep = new("--keep")
    {
        Description = "Modules that stay float32, such as lm_head,embed_tokens,down_proj,layers.0.",
        HelpName = "MODULE,…",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> KvCache = new("--kv-cache")
    {
        Description = "'int8' caches keys and values in 8 bits: a quarter of float32's memory for each token, at a cost in prefill. [default: the type that the precision computes in]",
        HelpName = "int8",
    };

    private static readonly Option<bool> PrefillCopy = new("--prefill-copy")
    {
        Description = "With int4: also writes the weights in int8, for prompts, which it takes about twice as fast; the bundle grows by a byte a weight.",
    };

    private static readonly Option<string?> TextPath = new("--text")
    {
        Description = "A text file to measure the precision's cost in perplexity on. [default: text drawn from the model itself]",
        HelpName = "FILE",
    };

    public static RootCommand Create()
    {
        var command = new RootCommand("Writes a trained checkpoint as an ONNX bundle, the norm scheme's scale folded into the weights, and verifies it.") { Checkpoint, Output, TargetName, PrecisionName, Keep, KvCache, PrefillCopy, TextPath };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new ExportOptions
        {
            Target = TargetCatalog.Named(parsed.GetRequiredValue(TargetName)),
            Precision = new PrecisionPlan(
                PrecisionCatalog.Named(parsed.GetRequiredValue(PrecisionName)), [.. (parsed.GetValue(Keep) ?? []).SelectMany(modules => modules.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))])
            {
                Int8KvCache = parsed.GetValue(KvCache) switch
                {
                    null => false,
                    "int8" => true,
                    string other => throw new SettingError("kv_cache", $"expected int8, or no such setting for the type that the precision computes in, found '{other}'."),
                },
                PrefillCopy = parsed.GetValue(PrefillCopy),
            },
            Text = parsed.GetValue(TextPath),
        };
        string chosen = parsed.GetValue(Checkpoint)
            ?? LatestName.Read("runs", "Train a model with 'dotnet run -c Release --project Trainer -- pretrain', or name a checkpoint with --checkpoint.");
        string directory = CheckpointFolder.Resolve(chosen);
        string output = parsed.GetValue(Output) ?? Path.Combine("models", BundleName.For(chosen, directory) + (options.Target == TargetCatalog.Default ? "" : $"-{options.Target.Name}"));

        if (EncoderSource.IsAt(directory))
        {
            return await ExportEncoderAsync(directory, output, options, cancellationToken);
        }
        using CheckpointSource source = CheckpointSource.Open(directory);
        int blocks = source.Architecture.BlockCount;
        ExportReport report = await ProgressBar.RunAsync($"Exporting {directory}", blocks, "blocks", bar => Task.Run(
            () => CheckpointExport.Write(source, output, options, new StepProgress(bar), cancellationToken), cancellationToken));
        if (options.Target.Kind == BundleFolder.Kind)
        {
            LatestName.Write(output, Console.Error.WriteLine);
        }
        Console.WriteLine(report);
        Console.WriteLine($"Written: {output}. {options.Target.NextStep(ShellWord.Quote(output))}");
        return 0;
    }

    private static async Task<int> ExportEncoderAsync(string directory, string output, ExportOptions options, CancellationToken cancellationToken)
    {
        using EncoderSource source = EncoderSource.Open(directory);
        ExportReport report = await ProgressBar.RunAsync($"Exporting {directory}", source.Model.BlockCount, "blocks", bar => Task.Run(
            () => EncoderExport.Write(source, output, options, new StepProgress(bar), cancellationToken), cancellationToken));
        Console.WriteLine(report);
        Console.WriteLine($"Written: {output}. {EncoderExport.NextStep(source.Model.Head, ShellWord.Quote(output))}");
        return 0;
    }

    /// <summary>Reports at once, where <see cref="Progress{T}"/> would do so some time later.</summary>
    private sealed class StepProgress(ProgressBar bar) : IProgress<ExportProgress>
    {
        public void Report(ExportProgress value) => bar.Report(value.Done, value.Step);
    }
}
