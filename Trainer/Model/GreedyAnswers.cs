using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>What greedy decoding would answer, seen without decoding: it gives a row's labels exactly where each of them is the most likely token after those before it.</summary>
public static class GreedyAnswers
{
    /// <summary>How many rows have only labels that are the most likely token.</summary>
    /// <inheritdoc cref="CrossEntropy.Backward(Tensor, Parameter, Tensor, long)" path="/param"/>
    public static long CountExact(Tensor hidden, Parameter head, Tensor labels)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor counts = labels != CrossEntropy.Ignored; // (batch, time)
        Tensor rows = hidden[counts]; // (labels, hidden)
        Tensor weight = head.to(rows.dtype);
        Tensor[] likeliest = [.. rows.split(CrossEntropy.ChunkRows(weight.shape[0])).Select(chunk => nn.functional.linear(chunk, weight).argmax(-1))];
        Tensor wrong = counts.masked_scatter(counts, cat(likeliest) != labels[counts]); // (batch, time)
        return labels.shape[0] - wrong.any(1).sum().item<long>();
    }
}
