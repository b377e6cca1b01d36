using Factory.Trainer.Data;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// Loss over what is held out, weighted by token; the same rows every time, laid out as in training.
/// </summary>
/// <param name="batches">The rows, from the first on at each call.</param>
/// <param name="paperEval">Whether to measure the paper's biased perplexity too.</param>
/// <param name="answers">Whether to count the rows that greedy decoding would answer exactly.</param>
public sealed class Validation(Func<IEnumerable<MicroBatch>> batches, bool paperEval, bool answers = false)
{
    /// <summary>Over a validation split, up to the recipe's number of tokens.</summary>
    /// <param name="documents">Where the split's documents are, for rows of one document.</param>
    public static Validation FromSplit(TokenSplit tokens, DocumentIndex? documents, Recipe recipe) => new(
        () => documents is null
            ? PackedRows.InOrder(tokens, recipe.Run.EvalTokens, recipe.Data.SequenceLength, recipe.Data.MicroBatchSize)
            : DocumentRows.InOrder(tokens, documents, recipe.Run.EvalTokens, recipe.Data.SequenceLength, recipe.Data.MicroBatchSize),
        recipe.Run.PaperEval);

    /// <returns>null where the split holds nothing to predict (text tokenized without a validation part).</returns>
    public ValidationReport? Run(LlamaModel model)
    {
        double sum = 0;
        double means = 0;
        long count = 0;
        long rows = 0;
        long exact = 0;
        int number = 0;
        double[]? variances = null;
        foreach (MicroBatch batch in batches())
        {
            using DisposeScope scope = NewDisposeScope();
            using var noGradient = no_grad();
            (Tensor ids, Tensor labels) = batch.To(model.Placement.Device);
            Tensor hidden = model.Hidden(ids);
            double loss = CrossEntropy.Sum(hidden, model.HeadWeight, labels).item<double>();
            sum += loss;
            means += loss / batch.ValidTokens;
            count += batch.ValidTokens;
            rows += batch.Rows;
            exact += answers ? GreedyAnswers.CountExact(hidden, model.HeadWeight, labels) : 0;
            number++;
            variances ??= model.BlockOutputVariance(ids);
        }
        return number == 0 ? null : new ValidationReport(sum / count, count, paperEval ? Math.Exp(means / (number + 1)) : null, answers ? (double)exact / rows : null, variances!);
    }
}
