using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Checkpoints;

/// <summary>Runs the probe's fixed sequences through a model in float32 on the CPU, whatever it trains in.</summary>
public static class ProbeRecorder
{
    public static Probe Record(LlamaModel model)
    {
        if (model.Placement.Device.type == DeviceType.CPU && model.Placement.Compute == ScalarType.Float32 && model.Placement.Parameters == ScalarType.Float32)
        {
            return Run(model);
        }
        using var copy = new LlamaModel(model.Architecture, ModelPlacement.Cpu());
        using (no_grad())
        {
            foreach (ParameterSpec spec in model.Architecture.Parameters)
            {
                copy.Weights[spec.Name].copy_(model.Weights[spec.Name]);
            }
        }
        return Run(copy);
    }

    private static Probe Run(LlamaModel model)
    {
        using var noGradient = no_grad();
        int[][] sequences = Probe.Sequences(model.Architecture.VocabularySize, model.Architecture.MaxPositions);
        int[] positions = Probe.KeptPositions(sequences[0].Length);
        var logits = new List<float>(sequences.Length * positions.Length * model.Architecture.VocabularySize);
        foreach (int[] sequence in sequences)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor ids = tensor(sequence.Select(id => (long)id).ToArray(), [1, sequence.Length]);
            Tensor kept = tensor(positions.Select(position => (long)position).ToArray());
            Tensor hidden = model.Hidden(ids).squeeze(0).index_select(0, kept); // (positions, hidden)
            logits.AddRange(model.Head(hidden).contiguous().data<float>().ToArray());
        }
        return Checked(new Probe(sequences, positions, [.. logits]));
    }

    /// <summary>The probe, of a model whose weights are numbers.</summary>
    /// <exception cref="UserError">It has logits that are none.</exception>
    internal static Probe Checked(Probe probe) => probe.Logits.All(float.IsFinite)
        ? probe
        : throw new UserError("the model: expected finite logits, found NaN or infinity: its weights are broken. Fetch them again, or go back to an earlier checkpoint.");
}
