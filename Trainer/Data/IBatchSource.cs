namespace Factory.Trainer.Data;

/// <summary>Training batches by number: the same number, the same batch, whatever was asked for before, so that a run can go on anywhere.</summary>
public interface IBatchSource
{
    /// <param name="update">Number of the update, from zero.</param>
    /// <returns>All its rows, those of other ranks too. Called from a background thread.</returns>
    UpdateBatch At(long update);
}
