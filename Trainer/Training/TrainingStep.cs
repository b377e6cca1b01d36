using Factory.Trainer.Data;
using Factory.Trainer.Distributed;
using Factory.Trainer.Kernels;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>One update in two halves: <see cref="Measure"/> (micro-batches → loss and gradient) and <see cref="Apply"/> (clipping → AdamW).</summary>
/// <param name="clip">Largest norm of the gradient; 0 never clips.</param>
public sealed class TrainingStep(LlamaModel model, AdamW optimizer, LearningRateSchedule schedule, double clip, IProcessGroup? group = null)
{
    private readonly IProcessGroup _group = group ?? SingleProcess.Instance;
    private IReadOnlyList<TrainableParameter> _active = [];

    /// <summary>
    /// Puts the gradient of the mean loss over the batch's valid tokens, those of all ranks, into the parameters: the same whether rows are packed, padded
    /// or masked, and however they are cut into micro-batches.
    /// </summary>
    /// <param name="step">Number of the update, from zero.</param>
    /// <param name="batch">The whole batch; this rank takes its share.</param>
    /// <param name="stop">Ends the work between two micro-batches.</param>
    /// <returns>null when <paramref name="stop"/> came first.</returns>
    public StepReport? Measure(long step, UpdateBatch batch, CancellationToken cancellationToken = default)
    {
        using DisposeScope scope = NewDisposeScope();
        _active = optimizer.Parameters.At(step);
        var gradients = new Gradients(_active, optimizer.Parameters.Buffer);
        gradients.Clear();
        using IDisposable? narrowed = model.Buffer.Narrow(model.Placement.Compute);
        Tensor loss = zeros([], model.Placement.AccumulateType, model.Placement.Device);
        foreach (MicroBatch micro in batch.ShareOf(_group))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return null;
            }
            using DisposeScope inner = NewDisposeScope();
            (Tensor ids, Tensor labels) = micro.To(model.Placement.Device);
            // At least one, so that a batch whose labels are all masked has loss and gradient 0.
            loss.add_(CrossEntropy.Backward(model.Placement, model.Hidden(ids), model.HeadWeight, labels, Math.Max(1, batch.ValidTokens)));
        }
        using StepClock.Span clock = StepClock.Measure(StepPart.Optimizer);
        gradients.AllReduce(_group);
        _group.AllReduce(loss);
        return new StepReport(loss.to(ScalarType.Float64).item<double>(), schedule.At(step), gradients.Norms(model.Architecture.BlockCount), batch.ValidTokens);
    }

    /// <summary>Updates the weights with the gradient that <see cref="Measure"/> found.</summary>
    public void Apply(StepReport measured)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Optimizer);
        // As torch's clip_grad_norm_: a little below the limit rather than above.
        double factor = clip > 0 ? Math.Min(1, clip / (measured.Gradient.Total + 1e-6)) : 1;
        optimizer.Step(measured.LearningRate, _active, factor);
    }

    /// <summary>Both halves.</summary>
    public StepReport Run(long step, UpdateBatch batch)
    {
        StepReport report = Measure(step, batch)!;
        Apply(report);
        return report;
    }
}
