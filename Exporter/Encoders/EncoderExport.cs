using System.Globalization;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Reports;
using Factory.Exporter.Signatures;
using Factory.Exporter.Targets;
using Factory.Runtime;
using Factory.Runtime.Encoders;
using Google.Protobuf;

namespace Factory.Exporter.Encoders;

/// <summary>Writes a BERT's checkpoint as a bundle in float32: model.onnx and analysis.onnx over one file of weights, both with a gate for each block.</summary>
public static class EncoderExport
{
    /// <param name="output">Where the bundle will stand; an encoder's that stands there is replaced.</param>
    /// <param name="progress">Gets what is being done; may be null.</param>
    /// <exception cref="UserError"><paramref name="output"/> is something else, or what was written does not compute the probe.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left behind.</exception>
    public static ExportReport Write(EncoderSource source, string output, ExportOptions options, IProgress<ExportProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.Target != TargetCatalog.Default)
        {
            throw new SettingError("target", $"expected {TargetCatalog.Default.Name} for a BERT, found '{options.Target.Name}'.");
        }
        if (options.Precision.Main.Name != PrecisionCatalog.Default.Name)
        {
            throw new SettingError("precision", $"expected {PrecisionCatalog.Default.Name} for a BERT, found '{options.Precision.Main.Name}'.");
        }
        if (options.Precision.Int8KvCache || options.Precision.PrefillCopy)
        {
            throw new SettingError(options.Precision.Int8KvCache ? "kv_cache" : "prefill_copy", "expected none for a BERT, which reads whole texts and keeps nothing.");
        }
        OutputPath.RequireDirectory(output, BundleFolder.EncoderKind, replace: true);
        OutputPath.RequireApart(output, source.Directory);
        using AtomicDirectory directory = AtomicDirectory.Create(output);
        ManifestEntry digest;
        using (var weights = new ExternalData(Path.Combine(directory.Path, BundleFolder.WeightsFile)))
        {
            WriteGraph(source, weights, Path.Combine(directory.Path, BundleFolder.GraphFile), measured: false, Done);
            WriteGraph(source, weights, Path.Combine(directory.Path, BundleFolder.AnalysisFile), measured: true, _ => { });
            digest = weights.Finish();
        }
        BertConfig.Write(directory.Path, source.Model);
        foreach (string file in source.FilesToKeep)
        {
            InputFile.CopyTo(Path.Combine(source.Directory, file), Path.Combine(directory.Path, file));
        }
        Manifest.Write(directory.Path, BundleFolder.EncoderKind, new Dictionary<string, string>
        {
            [BundleFolder.CheckpointFact] = source.Manifest.ContentHash,
            [BundleFolder.VersionFact] = CheckpointExport.Version,
            [BundleFolder.PrecisionFact] = PrecisionCatalog.Default.Name,
            [BundleFolder.LogitToleranceFact] = PrecisionCatalog.Default.LogitTolerance.ToString(CultureInfo.InvariantCulture),
            [BundleFolder.ParametersFact] = BertParameters.All(source.Model).Sum(parameter => parameter.Count).ToString(CultureInfo.InvariantCulture),
        }, new Dictionary<string, ManifestEntry> { [BundleFolder.WeightsFile] = digest });
        progress?.Report(new ExportProgress("verifying", source.Model.BlockCount, source.Model.BlockCount));
        ProbeReport probe = Verify(directory.Path, output);
        cancellationToken.ThrowIfCancellationRequested();
        long bytes = new DirectoryInfo(directory.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        directory.Commit();
        return new ExportReport(bytes, probe, null);

        void Done(int blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new ExportProgress("writing", blocks, source.Model.BlockCount));
        }
    }

    /// <summary>Checks the manifest's lengths and hashes and replays the probe, on the CPU.</summary>
    /// <param name="name">What to call the bundle in a message.</param>
    /// <exception cref="UserError">A file is damaged, the graph does not run, or an output is off.</exception>
    public static ProbeReport Verify(string directory, string name)
    {
        using EncoderModel model = EncoderModel.Load(EncoderBundle.Open(directory), new RuntimeOptions { Provider = ProviderChoice.Cpu });
        return model.VerifyProbe(name);
    }

    /// <summary>What a user may do next with a bundle.</summary>
    /// <param name="output">The folder, quoted for a shell.</param>
    internal static string NextStep(BertHead head, string output) => head switch
    {
        BertHead.QuestionAnswering => $"Score it: dotnet run -c Release --project Evals -- run --model {output} --tasks squad --data DIR",
        BertHead.MaskedLanguageModel => $"Look into it: dotnet run -c Release --project Evals -- analyze angular --model {output}",
    };

    private static void WriteGraph(EncoderSource source, ExternalData weights, string path, bool measured, Action<int> blockDone)
    {
        BertArchitecture model = source.Model;
        var graph = new GraphBuilder("bert", weights);
        var precision = new PrecisionPlan(PrecisionCatalog.Default);
        var layout = new CacheLayout(model.BlockCount, model.Heads, model.HeadSize, model.HiddenSize, model.VocabularySize, precision.Main.Compute);
        new BertGraph(graph, new EncoderSignature(graph, layout, model.Head, measured), new LinearEmitter(graph, precision), model, source.Read).Emit(blockDone);
        using FileStream stream = File.Create(path);
        graph.Build("Factory", CheckpointExport.Version).WriteTo(stream);
    }
}
