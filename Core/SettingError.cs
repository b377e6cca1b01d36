namespace Factory.Core;

/// <summary>
/// A value that the caller chose and that cannot be used. A library names the setting as it is spelt in JSON ("num_fewshot"); the command line
/// turns it into the option (--num-fewshot), the server into the field of the request.
/// </summary>
public sealed class SettingError : UserError
{
    /// <param name="setting">The setting in snake_case, without dashes in front.</param>
    /// <param name="problem">One sentence: what was expected, what was found, what to do next.</param>
    public SettingError(string setting, string problem) : base($"{setting}: {problem}") => (Setting, Problem) = (setting, problem);

    /// <inheritdoc cref="SettingError(string, string)"/>
    public SettingError(string setting, string problem, Exception cause) : base($"{setting}: {problem}", cause) => (Setting, Problem) = (setting, problem);

    /// <summary>The setting in snake_case.</summary>
    public string Setting { get; }

    /// <summary>The sentence without the setting in front.</summary>
    public string Problem { get; }
}
