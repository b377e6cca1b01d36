using System.CommandLine;

namespace Factory.CommandLine;

/// <summary>The option <c>--threads</c> of every command that computes.</summary>
public static class ThreadsOption
{
    /// <summary>More threads than any machine has cores are a mistake, and would only take memory.</summary>
    private const int Most = 4096;

    public static Option<int> Create(string description = "Threads of one operator; 0 takes every core.") => CheckedOption.Whole("--threads", description, standard: 0, least: 0, Most);
}
