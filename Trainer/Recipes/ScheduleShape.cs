namespace Factory.Trainer.Recipes;

/// <summary>The course of the learning rate after its warm-up.</summary>
public enum ScheduleShape
{
    /// <summary>Half a cosine down to the floor.</summary>
    Cosine,

    /// <summary>Warm-up, stable, decay (arXiv 2404.06395): the peak, then a line down to the floor.</summary>
    Wsd,

    /// <summary>The peak.</summary>
    Constant,
}
