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

    /// <summary>
    /// Puts the gradient of the mean loss over the batch's valid tokens, those of all ranks, into the parameters: the same whether rows are packed, padded
    /// or masked, and however they are cut into micro-batches.
    /// </summary>
    /// <param name="step">Number of the update, from zero.</param>
    /// <param name="batch">The whole batch; this rank takes its share.</param>
    /// <param name="before">The last update that was applied without being read.</param>
    /// <param name="cancellationToken">Ends the work between two micro-batches.</param>
    /// <returns>null when the work was ended.</returns>
    public StepMeasurement? Measure(long step, UpdateBatch batch, StepMeasurement? before = null, CancellationToken cancellationToken = default)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<TrainableParameter> active = optimizer.Parameters.At(step);
        var gradients = new Gradients(active, optimizer.Parameters.Buffer);
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
            loss.Increase(CrossEntropy.Backward(model.Placement, model.Hidden(ids), model.HeadWeight, labels, Math.Max(1, batch.ValidTokens)));
        }
        using StepClock.Span clock = StepClock.Measure(StepPart.Optimizer);
        gradients.AllReduce(_group);
        _group.AllReduce(loss);
        using var noGradient = no_grad();
        Tensor numbers = cat([loss.to(ScalarType.Float64).view(1), gradients.SquareNorms()]).DetachFromDisposeScope();
        return new StepMeasurement(numbers, active, model.Architecture.BlockCount, schedule.At(step), batch.ValidTokens, before);
    }

    /// <summary>Updates the weights with the gradient that <see cref="Measure"/> found last, unless it is broken. Nothing is read from the device.</summary>
    public void Apply(StepMeasurement measured)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Optimizer);
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        optimizer.Step(measured.LearningRate, measured.Active, clip > 0 ? measured.Clip(clip) : null, measured.Broken);
    }

    /// <summary>Both halves, and what was measured.</summary>
    public StepReport Run(long step, UpdateBatch batch)
    {
        using StepMeasurement measured = Measure(step, batch)!;
        Apply(measured);
        return measured.Read();
    }
}
