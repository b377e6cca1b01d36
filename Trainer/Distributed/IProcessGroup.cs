using static TorchSharp.torch;

namespace Factory.Trainer.Distributed;

/// <summary>The processes that train one model together, each with its share of every batch. Only rank 0 writes.</summary>
public interface IProcessGroup
{
    /// <summary>This process, from zero.</summary>
    int Rank { get; }

    /// <summary>Processes in all.</summary>
    int Size { get; }

    /// <summary>Puts the sum over all ranks into <paramref name="tensor"/>, bit for bit the same on each.</summary>
    void AllReduce(Tensor tensor);
}
