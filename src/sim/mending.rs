//! What else has to be set so that a service takes a value of a setting that it refuses as the others are.

use super::event::ServiceId;
use super::read_setting::ReadSetting;
use super::world::World;
use super::write_config::WriteSetting;

impl World {
    /// Which other settings of a service have to change first so that `setting` takes `value`: their names and values, in this order.
    /// None if it takes that already; `None` if it does not and nothing that could be set helps.
    pub fn needs(&self, id: ServiceId, setting: &str, value: &str) -> Option<Vec<(&'static str, String)>> {
        let read = self.config_of(id).and_then(|config| Some((config, ReadSetting::named(setting).ok()?)));
        let Some((config, setting)) = read else {
            let setting = WriteSetting::named(setting).ok()?;
            let needs = setting.needs(self.write_config_of(id)?, value)?;
            return Some(needs.into_iter().map(|(other, value)| (other.name(), value)).collect());
        };
        let needs = config.needs(setting, value)?;
        let mut changed = config.clone();
        for (other, value) in needs.iter().map(|(other, value)| (*other, &**value)).chain([(setting, value)]) {
            changed.set(other, value).ok()?;
            self.check_needs(id, other, &changed).ok()?;
        }
        Some(needs.into_iter().map(|(other, value)| (other.name(), value)).collect())
    }
}
