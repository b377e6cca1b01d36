namespace Factory.Evals.Tasks;

/// <summary>How the harness picks a question's examples from the pool.</summary>
public enum ShotRule
{
    /// <summary>n drawn at random.</summary>
    Draw,

    /// <summary>n + 1 drawn at random; the question itself is dropped if it is among them, and the first n stay.</summary>
    DrawOthers,

    /// <summary>The first n rows.</summary>
    First,
}
