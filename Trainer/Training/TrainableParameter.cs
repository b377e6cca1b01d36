using TorchSharp.Modules;

namespace Factory.Trainer.Training;

/// <summary>A tensor that training changes.</summary>
/// <param name="Block">Block index from zero, or null outside the blocks.</param>
public sealed record TrainableParameter(string Name, Parameter Value, int? Block);
