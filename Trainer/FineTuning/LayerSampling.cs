using Factory.Core.Numbers;
using Factory.Trainer.Buffers;
using Factory.Trainer.Model;
using Factory.Trainer.Training;

namespace Factory.Trainer.FineTuning;

/// <summary>
/// LISA (arXiv 2403.17919): a few blocks at a time, drawn anew every so many updates, each block equally likely; embeddings, final norm and head are trained
/// always. The draw depends on the seed and the update's number only, so that a resumed run makes the same.
/// </summary>
public sealed class LayerSampling : ITrainableSet
{
    private readonly int _blocks;
    private readonly int _active;
    private readonly long _every;
    private readonly ulong _seed;

    /// <param name="active">Blocks trained at a time.</param>
    /// <param name="every">Updates between draws.</param>
    public LayerSampling(LlamaModel model, int active, long every, ulong seed)
    {
        All = new AllParameters(model).All;
        Buffer = model.Buffer;
        _blocks = model.Architecture.BlockCount;
        (_active, _every, _seed) = (Math.Min(active, _blocks), every, seed);
    }

    public IReadOnlyList<TrainableParameter> All { get; }

    public ParameterBuffer Buffer { get; }

    public IReadOnlyList<TrainableParameter> At(long step)
    {
        HashSet<int> blocks = BlocksAt(step);
        var active = new List<TrainableParameter>();
        foreach (TrainableParameter parameter in All)
        {
            parameter.Value.requires_grad = parameter.Block is not int block || blocks.Contains(block);
            if (parameter.Value.requires_grad)
            {
                active.Add(parameter);
            }
        }
        return active;
    }

    /// <summary>The blocks that update number <paramref name="step"/> trains.</summary>
    public HashSet<int> BlocksAt(long step)
    {
        var random = new SplitMix64(SplitMix64.Mix(_seed) ^ SplitMix64.Mix((ulong)(step / _every)));
        int[] order = [.. Enumerable.Range(0, _blocks)];
        for (int i = 0; i < _active; i++)
        {
            int other = i + (int)(random.NextDouble() * (_blocks - i));
            (order[i], order[other]) = (order[other], order[i]);
        }
        return [.. order.Take(_active)];
    }
}
