using Factory.Core;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>One update: micro-batches → mean gradient → clipping → AdamW.</summary>
/// <param name="clip">Largest norm of the gradient; 0 never clips.</param>
public sealed class TrainingStep(LlamaModel model, AdamW optimizer, LearningRateSchedule schedule, double clip)
{
    /// <inheritdoc cref="RunUnlessStopped"/>
    public StepReport Run(long step, IReadOnlyCollection<(Tensor Ids, Tensor Targets)> microBatches) => RunUnlessStopped(step, microBatches, CancellationToken.None)!;

    /// <param name="step">Number of the update, from zero.</param>
    /// <param name="microBatches">Token ids and the tokens that follow them, each (batch, time), on the model's device.</param>
    /// <param name="stop">Ends the update between two micro-batches.</param>
    /// <returns>null when <paramref name="stop"/> came first; the weights are left as they were.</returns>
    /// <exception cref="UserError">Loss or gradient is not finite; the weights are left as they were.</exception>
    public StepReport? RunUnlessStopped(long step, IReadOnlyCollection<(Tensor Ids, Tensor Targets)> microBatches, CancellationToken stop)
    {
        using DisposeScope scope = NewDisposeScope();
        model.zero_grad(set_to_none: true);
        Tensor loss = zeros([], model.Placement.Wide, model.Placement.Device);
        foreach ((Tensor ids, Tensor targets) in microBatches)
        {
            if (stop.IsCancellationRequested)
            {
                return null;
            }
            using DisposeScope micro = NewDisposeScope();
            loss.add_(CrossEntropy.Backward(model, ids, targets, weight: 1.0 / microBatches.Count));
        }
        double norm = Gradients.Clip(model, clip);
        double rate = schedule.At(step);
        double mean = loss.to(ScalarType.Float64).item<double>() / microBatches.Count;
        if (!double.IsFinite(norm) || !double.IsFinite(mean))
        {
            throw new UserError(FormattableString.Invariant($"update {step + 1}: expected a finite loss and gradient, found loss {mean} and gradient norm {norm}: the run diverged. ")
                + "Start another with a lower --learning-rate, a longer --warmup-steps or --clip 1.");
        }
        optimizer.Step(rate);
        return new StepReport(mean, rate, norm);
    }
}
