namespace Factory.Trainer.Training;

/// <summary>What becomes of a measured update.</summary>
public enum GuardVerdict
{
    Apply,
    Skip,
    Stop,
}
