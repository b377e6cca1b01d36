namespace Factory.Trainer.Training;

/// <summary>Why a loop came back.</summary>
public enum RunEnd
{
    /// <summary>All steps are done.</summary>
    Finished,

    /// <summary>The validation has not become better for as long as the recipe allows.</summary>
    EarlyStop,

    /// <summary>The time that was given is over; the run can be resumed.</summary>
    TimeLimit,

    /// <summary>It was asked to stop; the run can be resumed.</summary>
    Stopped,
}
