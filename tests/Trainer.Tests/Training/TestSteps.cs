using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

/// <summary>Optimizers and steps for tests.</summary>
internal static class TestSteps
{
    public static AdamW Optimizer(LlamaModel model, double decay = 0) =>
        new(model, new OptimizerRecipe { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = decay, Clip = 0 });

    public static TrainingStep Step(LlamaModel model, AdamW optimizer, double rate = 0.01, long warmup = 0, double clip = 1) =>
        new(model, optimizer, LearningRateScheduleTests.Schedule(ScheduleShape.Cosine, rate, warmup, steps: 9), clip);
}
