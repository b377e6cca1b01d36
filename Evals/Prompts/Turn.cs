namespace Factory.Evals.Prompts;

/// <summary>One turn of a prompt: a question, a solved example's answer, or what stands before both.</summary>
/// <param name="Role">As chat templates name it: "system", "user", "assistant".</param>
/// <param name="Delimiter">What follows where turns are joined to one text.</param>
public sealed record Turn(string Role, string Content, string Delimiter)
{
    public const string SystemRole = "system";

    /// <summary>A task's description.</summary>
    public static Turn System(string content) => new(SystemRole, content, "");

    public static Turn User(string content, string delimiter = "") => new("user", content, delimiter);

    public static Turn Assistant(string content, string delimiter = "") => new("assistant", content, delimiter);
}
