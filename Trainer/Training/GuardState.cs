namespace Factory.Trainer.Training;

/// <summary>What a <see cref="DivergenceGuard"/> remembers, oldest first.</summary>
/// <param name="Losses">Of the last updates that were applied.</param>
/// <param name="Norms">Their gradient norms.</param>
/// <param name="Skipped">Updates left out in a row just before.</param>
public sealed record GuardState(IReadOnlyList<double> Losses, IReadOnlyList<double> Norms, int Skipped);
