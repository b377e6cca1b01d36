using Factory.Trainer.Data;

namespace Factory.Trainer.Tests.Data;

/// <summary>Batches for tests.</summary>
internal static class BatchRows
{
    /// <summary>An update of one micro-batch in which each token's label is the next; the last of a row has none.</summary>
    public static UpdateBatch Next(params long[][] rows) => new([Micro(rows)]);

    public static MicroBatch Micro(params long[][] rows) => new(
        [.. rows.SelectMany(row => row)], [.. rows.SelectMany(row => row.Skip(1).Append(MicroBatch.Ignored))], rows.Length);
}
