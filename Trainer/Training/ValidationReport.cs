namespace Factory.Trainer.Training;

/// <summary>What a validation measured.</summary>
/// <param name="Loss">Mean cross-entropy, in nats per token.</param>
/// <param name="Tokens">Tokens predicted.</param>
/// <param name="PaperPerplexity">
/// What the authors' code prints: exp of the sum of the batches' mean losses over one more than there are batches (its counter starts at 1); null unless asked for.
/// </param>
/// <param name="AnswerAccuracy">Share of the rows whose every label is the most likely token (<see cref="Model.GreedyAnswers"/>); null unless asked for.</param>
/// <param name="BlockOutputVariance">Population variance of the residual stream after each block, over the first micro-batch.</param>
public sealed record ValidationReport(double Loss, long Tokens, double? PaperPerplexity, double? AnswerAccuracy, IReadOnlyList<double> BlockOutputVariance)
{
    /// <summary>exp(loss).</summary>
    public double Perplexity => Math.Exp(Loss);
}
