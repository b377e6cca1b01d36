using Factory.Core;

namespace Factory.Trainer.Training;

/// <summary>A run that the divergence guard stopped; the checkpoint from before the update is saved.</summary>
public sealed class DivergedError(string message) : UserError(message);
