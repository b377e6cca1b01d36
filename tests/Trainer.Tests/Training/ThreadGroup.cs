using Factory.Trainer.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

/// <summary>A process group of threads, each with a model of its own.</summary>
internal sealed class ThreadGroup(int size) : IDisposable
{
    private readonly Barrier _barrier = new(size);
    private readonly double[][] _values = new double[size][];

    public IProcessGroup Member(int rank) => new Rank(this, rank);

    public void Dispose() => _barrier.Dispose();

    private sealed class Rank(ThreadGroup group, int rank) : IProcessGroup
    {
        int IProcessGroup.Rank => rank;

        public int Size => group._values.Length;

        public void AllReduce(Tensor tensor)
        {
            group._values[rank] = [.. tensor.detach().contiguous().data<double>()];
            group._barrier.SignalAndWait();
            double[] sum = [.. Enumerable.Range(0, group._values[0].Length).Select(i => group._values.Sum(values => values[i]))];
            group._barrier.SignalAndWait();
            using var noGradient = no_grad();
            using Tensor total = torch.tensor(sum, [.. tensor.shape]);
            tensor.copy_(total);
        }
    }
}
