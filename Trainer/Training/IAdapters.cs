namespace Factory.Trainer.Training;

/// <summary>Something trained beside a model whose own weights stay.</summary>
public interface IAdapters : ITrainableSet, IDisposable
{
    /// <summary>Until it is disposed, the adapters are part of the model's weights; then the weights are again those from before, bit for bit.</summary>
    IDisposable Merge();

    /// <summary>Takes the values that a checkpoint holds.</summary>
    void Read(string directory);
}
