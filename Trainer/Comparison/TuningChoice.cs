using Factory.Core;
using Factory.Core.Text;
using Factory.Trainer.FineTuning;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Comparison;

/// <summary>How the models of a comparison are fine-tuned.</summary>
/// <param name="Data">Files and directories of instructions.</param>
/// <param name="Methods">full, lisa or lora, each with the values of its recipe.</param>
internal sealed record TuningChoice(IReadOnlyList<string> Data, IReadOnlyList<(string Method, RecipeChanges Given)> Methods)
{
    /// <summary>What settings of fine-tuning are called in a comparison, whose own are those of training from scratch.</summary>
    public const string Name = "finetune";

    /// <summary>Each method on each model, found to fit before anything is trained.</summary>
    /// <param name="models">They differ in method and seed only. Tuning computes as they do, unless given otherwise.</param>
    /// <exception cref="UserError">The rows cannot be read, or they or the settings do not fit.</exception>
    public IReadOnlyList<TuningArm> Arms(IReadOnlyList<ComparisonArm> models, ComparisonRequest request, TextTokenizer tokenizer) => Named(() =>
    {
        Recipe model = models[0].Recipe;
        IReadOnlyList<IReadOnlyList<ChatMessage>> rows = InstructionFile.Read(Data);
        int positions = model.Model.Architecture(tokenizer, model.Data.SequenceLength).MaxPositions;
        return (TuningArm[])[.. Methods.SelectMany(Arms)];

        IEnumerable<TuningArm> Arms((string Method, RecipeChanges Given) tuning)
        {
            RecipeChanges given = RecipeChanges.MachineOf(model).With(tuning.Given).With(new RecipeChanges().Set("method", tuning.Method));
            var set = InstructionSet.FromRows(rows, Resolve(given, rows.Count), tokenizer, positions);
            return models.Select(arm =>
            {
                RecipeChanges own = given.With(new RecipeChanges().Set("seed", $"{arm.Seed}"));
                var asked = new TuneRequest(own, arm.Folder, Data, $"{arm.Folder}-{tuning.Method}", Resume: true, request.Training.Device, request.Training.Threads, MaxTime: null);
                return new TuningArm(arm, tuning.Method, asked, Resolve(own, set.Train.Count), set);
            });
        }

        Recipe Resolve(RecipeChanges given, int count) => Recipe.ResolveTuning(given, count, model.Run.Precision, model.Run.Kernels);
    });

    /// <summary>What <paramref name="make"/> gives; a setting that is wrong is named as the comparison spells it.</summary>
    public static T Named<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (SettingError error)
        {
            throw new SettingError(error.Setting == "data" ? Name : $"{Name}_{error.Setting}", error.Problem, error);
        }
    }
}
