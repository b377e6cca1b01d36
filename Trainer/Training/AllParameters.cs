using Factory.Trainer.Buffers;
using Factory.Trainer.Model;

namespace Factory.Trainer.Training;

/// <summary>Every parameter of a model, in the catalog's order.</summary>
public sealed class AllParameters(LlamaModel model) : ITrainableSet
{
    public IReadOnlyList<TrainableParameter> All { get; } =
        [.. model.Architecture.Parameters.Select(spec => new TrainableParameter(spec.Name, model.Weights[spec.Name], spec.Block))];

    public ParameterBuffer Buffer => model.Buffer;

    public IReadOnlyList<TrainableParameter> At(long step) => All;
}
