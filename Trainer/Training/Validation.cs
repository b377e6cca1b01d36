using Factory.Trainer.Data;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// Loss over the validation split, weighted by token, up to a number of tokens; the same tokens every time, in rows laid out as in training.
/// </summary>
/// <param name="documents">Where the split's documents are, for rows of one document.</param>
public sealed class Validation(TokenSplit tokens, DocumentIndex? documents, Recipe recipe)
{
    /// <returns>null where the split holds nothing to predict (text tokenized without a validation part).</returns>
    public ValidationReport? Run(LlamaModel model)
    {
        double sum = 0;
        double means = 0;
        long count = 0;
        int batches = 0;
        double[]? variances = null;
        foreach (MicroBatch batch in Batches())
        {
            using DisposeScope scope = NewDisposeScope();
            using var noGradient = no_grad();
            (Tensor ids, Tensor labels) = batch.To(model.Placement.Device);
            double loss = CrossEntropy.Sum(model.Hidden(ids), model.HeadWeight, labels).item<double>();
            sum += loss;
            means += loss / batch.ValidTokens;
            count += batch.ValidTokens;
            batches++;
            variances ??= model.BlockOutputVariance(ids);
        }
        return batches == 0 ? null : new ValidationReport(sum / count, count, recipe.Run.PaperEval ? Math.Exp(means / (batches + 1)) : null, variances!);
    }

    private IEnumerable<MicroBatch> Batches() => documents is null
        ? PackedRows.InOrder(tokens, recipe.Run.EvalTokens, recipe.Data.SequenceLength, recipe.Data.MicroBatchSize)
        : DocumentRows.InOrder(tokens, documents, recipe.Run.EvalTokens, recipe.Data.SequenceLength, recipe.Data.MicroBatchSize);
}
