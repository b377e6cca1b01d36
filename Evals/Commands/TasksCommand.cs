using System.CommandLine;
using System.Globalization;
using Factory.Evals.Reporting;
using Factory.Evals.Tasks;
using Spectre.Console;

namespace Factory.Evals.Commands;

/// <summary>Evals tasks: what can be scored.</summary>
public static class TasksCommand
{
    public static Command Create()
    {
        var command = new Command("tasks", "List tasks and groups with their versions and the file, below --data, that each reads.");
        command.SetAction(_ => ResultConsole.Write(List()));
        return command;
    }

    private static Table List()
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("task", "version", "data");
        foreach (EvaluationTask task in EvaluationTasks.All)
        {
            string data = task is ScoredTask scored ? scored.DataPath : task is TaskGroup group ? $"{group.Members.Count} members, {group.Leaves.Count} tasks" : "";
            table.AddRow(Markup.Escape(task.Name), task.Version.ToString(CultureInfo.InvariantCulture), Markup.Escape(data));
        }
        return table;
    }
}
