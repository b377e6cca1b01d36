using System.Globalization;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Core.Text;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Import;

/// <summary>Turns a published BERT into a run with one checkpoint at step 0: config.json, vocabulary, model.safetensors, probe and manifest.</summary>
internal static class BertImport
{
    /// <param name="run">The run to write; becomes the latest of its siblings.</param>
    /// <param name="tokenizer">Files of the tokenizer that come along.</param>
    /// <param name="advance">Called after each tensor.</param>
    /// <returns>The checkpoint's directory.</returns>
    /// <exception cref="UserError">The run has been trained, or a file is not what it should be.</exception>
    public static string Write(
        string run, BertFolder source, IReadOnlyList<string> tokenizer, IReadOnlyDictionary<string, string> facts, Action advance, CancellationToken cancellationToken)
    {
        CheckpointImport.RequireFresh(run);
        LibTorchLibrary.Prepare();
        string checkpoint = CheckpointFolder.OfStep(run, 0);
        using (AtomicDirectory directory = AtomicDirectory.Create(checkpoint))
        {
            BertConfig.Write(directory.Path, source.Model);
            foreach (string file in tokenizer)
            {
                InputFile.CopyTo(file, Path.Combine(directory.Path, Path.GetFileName(file)));
            }
            string weights = Path.Combine(directory.Path, CheckpointFolder.WeightsFile);
            WeightStream.Copy(source.Parameters, source.Read, weights, advance, cancellationToken);
            RecordProbe(source.Model, weights).Write(directory.Path);
            Manifest.Write(directory.Path, CheckpointFolder.Kind, new Dictionary<string, string>(facts)
            {
                ["parameters"] = source.Parameters.Sum(parameter => parameter.Count).ToString(CultureInfo.InvariantCulture),
            });
            directory.Commit();
        }
        LatestName.Write(run, Console.Error.WriteLine);
        return checkpoint;
    }

    /// <summary>The probe's rows: as a LLaMA's, the second half of another token type.</summary>
    private static EncoderProbe RecordProbe(BertArchitecture architecture, string weights)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var model = new BertModel(architecture);
        using (SafetensorsReader reader = SafetensorsReader.Open(weights))
        {
            foreach ((string name, Tensor parameter) in model.Weights)
            {
                WeightFile.Fill(parameter, reader, name);
            }
        }
        int[][] ids = Probe.Sequences(architecture.VocabularySize, architecture.MaxPositions);
        int time = ids[0].Length;
        int[][] types = [.. ids.Select(row => row.Select((_, position) => architecture.TokenTypes > 1 && position >= time / 2 ? 1 : 0).ToArray())];
        int[] positions = Probe.KeptPositions(time);
        Tensor kept = tensor(positions.Select(position => (long)position).ToArray());
        float[] outputs = model.Run(Long(ids), Long(types)).index_select(1, kept).contiguous().data<float>().ToArray();
        return outputs.All(float.IsFinite)
            ? new EncoderProbe(ids, types, positions, outputs)
            : throw new UserError("the model: expected finite logits, found NaN or infinity: its weights are broken. Fetch them again.");

        Tensor Long(int[][] rows) => tensor(rows.SelectMany(row => row).Select(id => (long)id).ToArray(), [rows.Length, time]);
    }
}
