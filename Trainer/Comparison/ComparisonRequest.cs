using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Comparison;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Methods">Methods of normalization, as the tables name them.</param>
/// <param name="Seeds">Models of each, with the seeds 1, 2, …</param>
/// <param name="Folder">Where everything goes.</param>
/// <param name="Training">How all models are trained, but for method, seed and output.</param>
/// <param name="Tuning">How they are fine-tuned; null for not at all.</param>
/// <param name="Scoring">What they are asked; null for nothing.</param>
internal sealed record ComparisonRequest(IReadOnlyList<string> Methods, int Seeds, string Folder, PretrainRequest Training, TuningChoice? Tuning, ScoringChoice? Scoring)
{
    /// <summary>The request for one model.</summary>
    public PretrainRequest TrainingOf(string method, int seed) => Training with
    {
        Given = Training.Given.With(new RecipeChanges().Set("norm", method).Set("seed", $"{seed}")),
        Output = Path.Combine(Folder, $"{method}-seed{seed}"),
        Resume = true,
    };
}
