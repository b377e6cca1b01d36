using Factory.Core;
using Factory.Core.Safetensors;
using Factory.Trainer.Data;

namespace Factory.Trainer.Verification;

/// <summary>
/// The batches of a training reference. Its labels stand at the token that they name, as Hugging Face has them; here they stand at the one before it,
/// and the last token of a row has none.
/// </summary>
internal sealed class ReferenceBatches : IBatchSource
{
    private readonly long[] _ids;
    private readonly long[] _labels;
    private readonly int[] _shape; // (steps, micro-batches, rows, time)

    /// <exception cref="UserError">The file has no such batches.</exception>
    public ReferenceBatches(SafetensorsReader tensors)
    {
        const string ids = "batches";
        const string labels = "labels";
        _shape = [.. tensors.Entry(ids).Shape.Select(size => checked((int)size))];
        _ids = tensors.Read<long>(ids, ElementType.Int64);
        _labels = tensors.Contains(labels) ? tensors.Read<long>(labels, ElementType.Int64) : _ids;
        if (_shape is not [_, > 0, > 0, > 1] || _labels.Length != _ids.Length)
        {
            throw new UserError($"{tensors.Path}: expected '{ids}' of shape (steps, micro-batches, rows, time) and, if there are any, '{labels}' of the same, "
                + $"found [{string.Join(", ", _shape)}] and {_labels.Length} labels.");
        }
    }

    public UpdateBatch At(long update)
    {
        (int micros, int rows, int time) = (_shape[1], _shape[2], _shape[3]);
        if (update >= _shape[0])
        {
            throw new UserError($"{TrainingLog.FileName}: expected at most the {_shape[0]} steps of the batches, found step {update}.");
        }
        return new UpdateBatch([.. Enumerable.Range(0, micros).Select(micro =>
        {
            int start = (((int)update * micros) + micro) * rows * time;
            Range range = start..(start + (rows * time));
            IEnumerable<long> following = _labels[range].Skip(1).Append(MicroBatch.Ignored);
            return new MicroBatch(_ids[range], [.. following.Select((label, at) => at % time == time - 1 ? MicroBatch.Ignored : label)], rows);
        })]);
    }
}
