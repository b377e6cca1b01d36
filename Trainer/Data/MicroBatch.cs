using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Data;

/// <summary>Rows that go through the model together.</summary>
public sealed class MicroBatch
{
    /// <summary>A label that counts for nothing.</summary>
    public const long Ignored = -100;

    private (Tensor Ids, Tensor Labels)? _pinned;

    /// <param name="ids">Token ids, row-major, (rows, time).</param>
    /// <param name="labels">The token that follows each id, or <see cref="Ignored"/>, (rows, time).</param>
    /// <param name="padding">How many of the ids are padding.</param>
    public MicroBatch(long[] ids, long[] labels, int rows, long padding = 0)
    {
        if (rows < 1 || ids.Length != labels.Length || ids.Length % rows != 0)
        {
            throw new ArgumentException($"Expected ids and labels of {rows} rows of equal length, found {ids.Length} ids and {labels.Length} labels.", nameof(ids));
        }
        (Ids, Labels, Rows) = (ids, labels, rows);
        Tokens = ids.Length - padding;
        ValidTokens = labels.LongCount(label => label != Ignored);
    }

    public long[] Ids { get; }

    public long[] Labels { get; }

    public int Rows { get; }

    public int Time => Ids.Length / Rows;

    /// <summary>Ids that are no padding.</summary>
    public long Tokens { get; }

    /// <summary>Labels that count.</summary>
    public long ValidTokens { get; }

    /// <summary>Copies ids and labels to page-locked memory, from which a GPU takes them while the processor goes on; for a background thread.</summary>
    public void Pin()
    {
        using Tensor ids = tensor(Ids, [Rows, Time]);
        using Tensor labels = tensor(Labels, [Rows, Time]);
        _pinned = (ids.pin_memory().DetachFromDisposeScope(), labels.pin_memory().DetachFromDisposeScope());
    }

    /// <returns>Ids and labels, int64, each (rows, time). Pinned ones are given up: libtorch keeps their memory until the copy is done.</returns>
    public (Tensor Ids, Tensor Labels) To(Device device)
    {
        if (_pinned is not (Tensor ids, Tensor labels))
        {
            return (tensor(Ids, [Rows, Time]).to(device), tensor(Labels, [Rows, Time]).to(device));
        }
        _pinned = null;
        using (ids)
        using (labels)
        {
            return (ids.to(device, non_blocking: true), labels.to(device, non_blocking: true));
        }
    }
}
