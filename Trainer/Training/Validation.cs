using Factory.Trainer.Model;
using Factory.Trainer.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// Loss over the validation split, weighted by token: windows side by side from its start, each token after the first predicted once, up to a
/// number of tokens. The same tokens every time.
/// </summary>
public sealed class Validation
{
    private readonly TokenSplit _tokens;
    private readonly TrainingOptions _options;
    private readonly long _count;

    public Validation(TokenSplit tokens, TrainingOptions options)
    {
        _tokens = tokens;
        _options = options;
        _count = Math.Min(options.EvalTokens, tokens.Count - 1);
    }

    /// <returns>null where the split holds nothing to predict (text tokenized without a validation part).</returns>
    public ValidationReport? Run(LlamaModel model)
    {
        if (_count < 1)
        {
            return null;
        }
        double sum = 0;
        double[]? variances = null;
        int time = _options.SequenceLength;
        long whole = _count / time * time;
        for (long at = 0; at < whole; at += (long)time * _options.MicroBatchSize)
        {
            long rows = Math.Min(_options.MicroBatchSize, (whole - at) / time);
            Add([.. Enumerable.Range(0, (int)rows).Select(row => at + ((long)row * time))], time);
        }
        if (whole < _count)
        {
            Add([whole], (int)(_count - whole));
        }
        return new ValidationReport(sum / _count, _count, variances!);

        void Add(long[] starts, int length)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor ids, Tensor targets) = TrainingBatches.Rows(_tokens, starts, length, model.Placement.Device);
            sum += CrossEntropy.Sum(model, ids, targets).item<double>();
            variances ??= model.BlockOutputVariance(ids);
        }
    }
}
