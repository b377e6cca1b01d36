using Factory.Trainer.LibTorch;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using Factory.Trainer.Training;

namespace Factory.Trainer.Comparison;

/// <summary>All runs of a comparison. That they fit one another and what stands in their directories is known before anything is trained.</summary>
internal sealed class ComparisonPlan
{
    private readonly ComparisonRequest _request;
    private readonly double _unigram;
    private readonly ComparisonArm[] _models;
    private readonly IReadOnlyList<TuningArm> _tunings;

    /// <exception cref="Core.UserError">Something asked for is not there, or does not fit.</exception>
    public ComparisonPlan(ComparisonRequest request, Action<string> log, CancellationToken cancellationToken)
    {
        _request = request;
        (string Method, int Seed, PretrainRequest Training)[] wanted =
            [.. from seed in Enumerable.Range(1, request.Seeds) from method in request.Methods select (method, seed, request.TrainingOf(method, seed))];
        // All models compute alike, also when the comparison goes on in another process: what the machine chose for the first stands.
        DeviceChoice device = ComputeDevice.Choose(request.Training.Device, request.Training.Threads);
        RunRecipe machine = wanted.Select(model => RunOrigin.FromJournal(model.Training.Output!)).OfType<RunOrigin>().FirstOrDefault()?.Recipe.Run ?? Chosen(MachineChoice.On(device.Device));
        Recipe[] recipes = [.. wanted.Select(model => Recipe.Resolve(model.Training.Given, machine.Precision, machine.Kernels))];
        using TokenDataset tokens = TrainingData.Open(request.Training.Data, null, log, cancellationToken);
        _unigram = UnigramPerplexity.Measure(tokens.Validation, tokens.Tokenizer.VocabularySize, recipes[0].Run.EvalTokens);
        _models = [.. wanted.Zip(recipes, (model, recipe) => new ComparisonArm(model.Method, (ulong)model.Seed, model.Training, recipe, tokens.Manifest.ContentHash, _unigram))];
        _tunings = request.Tuning?.Arms(_models, request, tokens.Tokenizer) ?? [];
        Scoring = request.Scoring is ScoringChoice scoring ? new ModelScoring(request.Folder, scoring, request.Training.Threads) : null;
        foreach (IComparisonRun run in Runs)
        {
            run.Read();
        }
    }

    /// <summary>In the order in which they are trained.</summary>
    public IReadOnlyList<IComparisonRun> Runs => [.. _models, .. _tunings];

    public bool IsTuning => _tunings.Count > 0;

    /// <summary>null where nothing is to be scored.</summary>
    public ModelScoring? Scoring { get; }

    /// <summary>Names of all models in the order of the tables: by method, before and after each tuning.</summary>
    public IEnumerable<string> Names => Scored.Select(model => model.Name);

    /// <summary>Of what is finished so far.</summary>
    public ComparisonReport Report() => ComparisonReport.From(
        _unigram,
        [.. from method in _request.Methods from model in _models where model.Method == method && model.IsFinished select model.Result],
        [.. from method in _request.Methods from tuning in _tunings where tuning.Model.Method == method && tuning.IsFinished select tuning.Result],
        Scoring is null ? [] : [.. from model in Scored let scores = Scoring.Scores(model.Name) where scores is not null select new ScoreResult(model.Model.Method, model.Model.Seed, model.Tuning, model.Name, scores)]);

    private IEnumerable<(ComparisonArm Model, string? Tuning, string Name)> Scored =>
        from method in _request.Methods
        from model in _models.Where(model => model.Method == method).Select(model => (model, (string?)null, Path.GetFileName(model.Folder)))
            .Concat(_tunings.Where(tuning => tuning.Model.Method == method).Select(tuning => (tuning.Model, (string?)tuning.Tuning, Path.GetFileName(tuning.Folder))))
        select model;

    private static RunRecipe Chosen(MachineChoice machine) => RecipeDefaults.For(RecipeDefaults.Modern, RecipeDefaults.Preset, machine.Precision, machine.Kernels).Run;
}
