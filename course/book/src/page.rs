//! Which page belongs to which exercise: the path alone tells.

use crate::path::slashed;
use std::path::Path;

/// The page of an exercise: `02_idempotence/04_atomic_apply.md`.
pub(crate) struct ExercisePage {
    /// `02_idempotence/04_atomic_apply`
    name: String,
}

impl ExercisePage {
    /// `page` as the page of an exercise, if its path is that of one: `NN_part/NN_exercise.md`.
    pub(crate) fn at(page: &Path) -> Option<Self> {
        let path = slashed(page);
        let name = path.strip_suffix(".md")?;
        let (part, exercise) = name.split_once('/')?;
        (is_numbered(part) && is_numbered(exercise)).then(|| ExercisePage {
            name: name.to_owned(),
        })
    }

    /// The folder of the exercise, from the root of the repository.
    pub(crate) fn exercise_folder(&self) -> String {
        format!("exercises/{}", self.name)
    }
}

/// `04_atomic_apply`: two digits, then a name.
fn is_numbered(name: &str) -> bool {
    let Some((number, rest)) = name.split_once('_') else {
        return false;
    };
    number.len() == 2
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !rest.is_empty()
        && !rest.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(page: &str) -> Option<String> {
        ExercisePage::at(Path::new(page)).map(|page| page.exercise_folder())
    }

    #[test]
    fn a_numbered_page_in_a_numbered_part_is_the_page_of_an_exercise() {
        let page = "02_idempotence/04_atomic_apply.md";
        assert_eq!(
            folder(page).as_deref(),
            Some("exercises/02_idempotence/04_atomic_apply")
        );
    }

    #[test]
    fn any_other_page_is_not() {
        for page in [
            "README.md",
            "02_idempotence/README.md",
            "04_atomic_apply.md",
            "a/04_b.md",
            "02_a/04_b/05_c.md",
        ] {
            assert_eq!(folder(page), None, "{page}");
        }
    }
}
