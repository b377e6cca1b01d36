using Factory.Trainer.Training;

namespace Factory.Trainer.Comparison;

/// <summary>One run of a comparison: a model that is trained, or one that is tuned.</summary>
internal interface IComparisonRun
{
    /// <summary>As the console names it.</summary>
    string Title { get; }

    /// <summary>Its directory.</summary>
    string Folder { get; }

    /// <summary>Whether it came to its end.</summary>
    bool IsFinished { get; }

    /// <summary>Reads what stands in its directory, without touching it.</summary>
    /// <exception cref="Core.SettingError">A run of another recipe or of other data stands there.</exception>
    void Read();

    /// <summary>Makes it ready to train, from where it stands.</summary>
    TrainingRun Prepare(Action<string> log, CancellationToken cancellationToken);
}
