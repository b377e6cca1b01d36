using Factory.Trainer.Buffers;

namespace Factory.Trainer.Training;

/// <summary>What an optimizer trains: all of a model, some of it at a time, or something beside it.</summary>
public interface ITrainableSet
{
    /// <summary>Everything that is ever trained, always in the same order.</summary>
    IReadOnlyList<TrainableParameter> All { get; }

    /// <summary>Where they lie.</summary>
    ParameterBuffer Buffer { get; }

    /// <summary>What update number <paramref name="step"/>, from zero, trains. Other parameters need no gradient then, and get none.</summary>
    IReadOnlyList<TrainableParameter> At(long step);
}
