using System.Runtime.InteropServices;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Safetensors;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Checkpoints;

/// <summary>
/// The probe of weights that lie in a file, for a model that need not fit into memory: it is gone through block by block, and through its head a few rows at a time.
/// What it computes is <see cref="LlamaModel.forward"/>, in float32 on the CPU.
/// </summary>
internal static class StreamedProbe
{
    /// <summary>Rows of the head at a time.</summary>
    private const int HeadRows = 8192;

    /// <param name="weights">The catalog's tensors.</param>
    /// <param name="advance">Called after each block.</param>
    public static Probe Record(LlamaArchitecture architecture, SafetensorsReader weights, Action advance, CancellationToken cancellationToken)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var placement = ModelPlacement.Cpu();
        int[][] sequences = Probe.Sequences(architecture.VocabularySize, architecture.MaxPositions);
        int[] positions = Probe.KeptPositions(sequences[0].Length);
        Tensor stream = Embed(architecture, weights, sequences); // (sequences, time, hidden)
        if (architecture.EmbeddingNorm is NormPlan embeddingNorm)
        {
            stream = Normed(stream, embeddingNorm, weights, placement);
        }
        using (var rotary = new RotaryEmbedding(architecture, placement))
        {
            foreach (BlockPlan plan in architecture.Blocks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using DisposeScope ofBlock = NewDisposeScope(); // frees the block's weights
                var block = new LlamaBlock(plan, architecture.HiddenSize, rotary, placement);
                foreach ((string name, TorchSharp.Modules.Parameter parameter) in block.named_parameters())
                {
                    WeightFile.Fill(parameter, weights, $"{plan.Prefix}.{name}");
                }
                stream = block.forward(stream).MoveToOuterDisposeScope();
                advance();
            }
        }
        Tensor kept = stream.index_select(1, tensor(positions.Select(position => (long)position).ToArray())); // (sequences, positions, hidden)
        Tensor hidden = Normed(kept, architecture.FinalNorm, weights, placement);
        return ProbeRecorder.Checked(new Probe(sequences, positions, Head(architecture, weights, hidden)));
    }

    /// <summary>The embeddings of the probe's tokens only.</summary>
    private static Tensor Embed(LlamaArchitecture architecture, SafetensorsReader weights, int[][] sequences)
    {
        int hidden = architecture.HiddenSize;
        int[] ids = [.. sequences.SelectMany(row => row)];
        var rows = new float[ids.Length * hidden];
        foreach ((int index, int id) in ids.Index())
        {
            weights.ReadSingles(ParameterCatalog.Embedding, (long)id * hidden, rows.AsSpan(index * hidden, hidden));
        }
        return tensor(rows, [sequences.Length, sequences[0].Length, hidden]);
    }

    private static Tensor Normed(Tensor input, NormPlan plan, SafetensorsReader weights, ModelPlacement placement)
    {
        using var norm = new Norm(plan, placement, placement.Compute);
        WeightFile.Fill(norm.get_parameter("weight")!, weights, plan.Gain);
        if (plan.Bias is string bias)
        {
            WeightFile.Fill(norm.get_parameter("bias")!, weights, bias);
        }
        return norm.forward(input);
    }

    /// <param name="hidden">(sequences, positions, hidden)</param>
    /// <returns>(sequences, positions, vocabulary), flat.</returns>
    private static float[] Head(LlamaArchitecture architecture, SafetensorsReader weights, Tensor hidden)
    {
        string name = architecture.TieEmbeddings ? ParameterCatalog.Embedding : ParameterCatalog.Head;
        var parts = new List<Tensor>();
        for (int first = 0; first < architecture.VocabularySize; first += HeadRows)
        {
            using Tensor rows = empty(Math.Min(HeadRows, architecture.VocabularySize - first), architecture.HiddenSize);
            weights.ReadSingles(name, (long)first * architecture.HiddenSize, MemoryMarshal.Cast<byte, float>(rows.bytes));
            parts.Add(nn.functional.linear(hidden, rows));
        }
        return cat(parts, -1).data<float>().ToArray();
    }
}
