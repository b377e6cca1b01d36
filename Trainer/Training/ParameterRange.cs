using Factory.Trainer.Buffers;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>Neighbouring parameters of a <see cref="ParameterBuffer"/> that are treated alike.</summary>
/// <param name="Start">Numbers before them.</param>
/// <param name="Count">Their numbers.</param>
internal readonly record struct ParameterRange(long Start, long Count)
{
    /// <summary>Their part of a tensor of the buffer's order; a view.</summary>
    public Tensor View(Tensor flat) => flat.narrow(0, Start, Count);

    /// <summary>As few ranges as there can be: neighbours with the same <paramref name="key"/> are one.</summary>
    public static List<(ParameterRange Range, TKey Key)> Merge<TKey>(IReadOnlyList<TrainableParameter> parameters, Func<ParameterSlice, TKey> key) where TKey : IEquatable<TKey>
    {
        var ranges = new List<(ParameterRange Range, TKey Key)>();
        foreach (ParameterSlice slice in parameters.Select(parameter => ParameterBuffer.SliceOf(parameter.Value)!).OrderBy(slice => slice.Start))
        {
            TKey own = key(slice);
            if (ranges.Count > 0 && ranges[^1] is var (last, lastKey) && last.Start + last.Count == slice.Start && lastKey.Equals(own))
            {
                ranges[^1] = (last with { Count = last.Count + slice.Count }, own);
            }
            else
            {
                ranges.Add((new ParameterRange(slice.Start, slice.Count), own));
            }
        }
        return ranges;
    }
}
