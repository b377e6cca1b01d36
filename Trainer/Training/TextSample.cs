using Factory.Core.Numbers;
using Factory.Core.Text;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>A short text that the model under training writes, to see with one's own eyes how far it is.</summary>
internal static class TextSample
{
    private const int Length = 64;
    private const double Temperature = 0.8;

    /// <summary>Continues <paramref name="prompt"/> by up to 64 tokens. It has random numbers of its own, so that training goes on as without it.</summary>
    public static string Write(LlamaModel model, TextTokenizer tokenizer, string prompt, ulong seed)
    {
        using var noGradient = no_grad();
        var random = new SplitMix64(seed);
        List<int> ids = [.. tokenizer.EncodePlain(prompt)];
        if (tokenizer.BosTokenId is int bos)
        {
            ids.Insert(0, bos);
        }
        if (ids.Count == 0)
        {
            ids.Add(tokenizer.EosTokenId ?? 0); // Nothing to start from: as after the end of a document.
        }
        for (int i = 0; i < Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] context = [.. ids.TakeLast(model.Architecture.MaxPositions).Select(id => (long)id)];
            Tensor hidden = model.Hidden(tensor(context, [1, context.Length]).to(model.Placement.Device)); // (1, time, hidden)
            Tensor logits = model.Head(hidden[0, -1]).to(ScalarType.Float64).cpu();                        // (vocabulary)
            int next = Pick([.. nn.functional.softmax(logits / Temperature, 0).data<double>()], random.NextDouble());
            if (next == tokenizer.EosTokenId)
            {
                break;
            }
            ids.Add(next);
        }
        return tokenizer.Decode([.. ids]);
    }

    private static int Pick(double[] probabilities, double place)
    {
        for (int id = 0; id < probabilities.Length - 1; id++)
        {
            place -= probabilities[id];
            if (place < 0)
            {
                return id;
            }
        }
        return probabilities.Length - 1;
    }
}
